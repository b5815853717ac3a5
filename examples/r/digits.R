# Learns 8x8 digits of ten classes from a table, draws one of each class and measures those held out: digits.c in R.
#
#     PKG_CFLAGS="$(pkg-config --cflags libdiffusion)" PKG_LIBS="$(pkg-config --libs libdiffusion)" R CMD SHLIB diffusion.c
#     gunzip -c data/digits.csv.gz >digits.csv
#     Rscript digits.R digits.csv
#
# A row is 64 grey values 0..16 and the digit that they show.
own <- sub("--file=", "", grep("^--file=", commandArgs(), value = TRUE))
dyn.load(Sys.getenv("DIFFUSION_R", file.path(dirname(own), paste0("diffusion", .Platform$dynlib.ext))))

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) != 1) stop("usage: digits.R digits.csv")

held_out <- 297
batch <- 64
steps <- 3000

table <- as.matrix(read.csv(arguments[1], header = FALSE))
if (ncol(table) != 65) stop(arguments[1], ": ", ncol(table), " columns, expected 65")
if (nrow(table) <= held_out) stop(arguments[1], ": ", nrow(table), " rows, but the last ", held_out, " are held out")
images <- unname(table[, 1:64]) / 8 - 1 # -1..1
digits <- as.integer(table[, 65])
rows <- nrow(table) - held_out

schedule <- .Call("r_schedule", "cosine steps=50")
model <- .Call("r_model", "mlp shape=8,8,1 classes=10 width=256 depth=3 predict=v variance=learned_range", 1L)
trainer <- .Call("r_trainer", model, schedule,
                 "objective=hybrid rate=2e-3 decay=cosine steps=3000 ema=0.995 seed=1")

for (step in 1:steps) {
  chosen <- .Call("r_draw", trainer, rows, batch)
  loss <- .Call("r_step", trainer, images[chosen, ], digits[chosen])
  if (step %% 500 == 0) cat(sprintf("step %d  loss %.6f\n", step, loss))
}

# One of each class, side by side in two rows of five.
sampler <- .Call("r_sampler", trainer, schedule, "ddim steps=20 seed=7")
drawn <- .Call("r_run", sampler, 10L, 0:9)
grey <- function(x) c(" ", ".", "o", "@")[1 + (x >= -0.5) + (x >= 0) + (x >= 0.5)]
for (line in 0:15) {
  of <- 1 + line %/% 8 * 5 + rep(0:4, each = 8)
  at <- 1 + line %% 8 * 8 + rep(0:7, 5)
  cat(grey(drawn[cbind(of, at)]), "\n", sep = "")
}

# The lower bound K on log2 p(data), a mean over the rows held out.
evaluator <- .Call("r_evaluator", trainer, schedule, "elbo draws=1 seed=1")
last <- (rows + 1):nrow(table)
figures <- .Call("r_evaluate", evaluator, images[last, ], digits[last], c("k_bits", "standard_error_bits"))
cat(sprintf("K = %.12f bits, standard error %.12f\n", figures["k_bits"], figures["standard_error_bits"]))
