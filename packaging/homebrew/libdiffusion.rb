# Builds the tarball that scripts/tarball.sh makes in the tree around this formula, until there are releases to fetch:
# with them come an address, its sha256, and a home page of the project's own in place of the paper's.
class Libdiffusion < Formula
  desc "Trains, samples and measures diffusion probabilistic models on an ordinary CPU"
  homepage "https://arxiv.org/abs/1503.03585"
  url "file://#{File.expand_path("../../build/dist/libdiffusion-0.1.0.tar.gz", __dir__)}"
  license "MIT"

  depends_on "cmake" => :build
  depends_on "ninja" => :build
  depends_on "pkgconf" => :build
  depends_on "cairo"
  depends_on "jpeg-turbo"
  depends_on "libpng"
  depends_on "libzip"
  depends_on :linux
  depends_on "openblas"
  depends_on "popt"
  depends_on "zlib"

  resource "random123" do # headers alone, needed by the build
    url "https://github.com/DEShawResearch/random123.git",
        tag:      "v1.14.0",
        revision: "726a093cd9a73f3ec3c8d7a70ff10ed8efec8d13"
  end

  def install
    (buildpath/"random123").install resource("random123")
    args = %W[
      -DRANDOM123_INCLUDE_DIR=#{buildpath}/random123/include
      -DDIFFUSION_TESTS=OFF
      -DDIFFUSION_BENCH=OFF
      -DDIFFUSION_EXAMPLES=OFF
    ]
    system "cmake", "-S", ".", "-B", "build", "-G", "Ninja", *args, *std_cmake_args
    system "cmake", "--build", "build"
    system "cmake", "--install", "build"
    pkgshare.install "examples"
  end

  test do
    system bin/"diffusion", "data", "swiss-roll", "-n", "100", "-o", "roll.csv"
    assert_equal 100, (testpath/"roll.csv").read.lines.grep(/\A-?\d/).length
    system ENV.cc, pkgshare/"examples/callback.c", "-I#{include}", "-L#{lib}", "-ldiffusion", "-lm", "-o", "callback"
    system "./callback"
  end
end
