"""finish.py FOLDER: dresses the pages of C++, copies the files that the site's pages link to, then looks for links that
lead nowhere and for pages that the contents leave out."""
import re
import shutil
import sys
from html import unescape
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r'(?:href|src)="([^"]*)"')
MARKUP = re.compile(r"<a [^>]*>([^<]*`[^<]*)</a>")
NAME = re.compile(r'\b(?:id|name)="([^"]*)"')


def copy(folder, target):
    """A file of the repository, which links name files/<its path>.txt: browsers show that as it is."""
    source = ROOT / target.removeprefix("files/").removesuffix(".txt")
    if source.is_file():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / target)


def dead(folder, page, target, names):
    """Whether a link leads nowhere within the site."""
    if re.match(r"[a-z]+:", target):
        return False
    name, _, anchor = target.partition("#")
    if name.startswith("files/"):
        copy(folder, name)
    if name and not (folder / name).is_file():
        return True
    return bool(anchor) and anchor not in names.get(name or page, ())


def reached(links):
    """The pages that lead on from the contents, in any number of steps."""
    pages, ahead = set(), {"index.html"}
    while ahead:
        pages |= ahead
        ahead = {target.partition("#")[0] for page in ahead for target in links[page]} & links.keys() - pages
    return pages


def cpp(page):
    """Whether a page is of a C++ class or header: the contents name some, which lead to the others."""
    return page.startswith(("class", "struct")) or page.endswith("_8hpp.html")


def dress(path):
    """A page of C++: of its own style, and without the links that names of parameters get where a class has the name."""
    text = path.read_text(encoding="utf-8").replace("<main>", '<main class="cpp">')
    path.write_text(re.sub(r'&amp;<a class="el"[^>]*>(\w+)</a>', r"&amp;\1", text), encoding="utf-8")


def main():
    folder = Path(sys.argv[1])
    for path in filter(lambda path: cpp(path.name), folder.glob("*.html")):
        dress(path)
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.html"))}
    links = {page: [unquote(unescape(target)) for target in LINK.findall(text)] for page, text in texts.items()}
    names = {page: {unescape(name) for name in NAME.findall(text)} for page, text in texts.items()}
    contents, of_cpp = links["index.html"], reached(links)
    faults = [f"{page}: dead link {target}" for page, targets in links.items() for target in targets
              if dead(folder, page, target, names)]
    faults += [f"{page}: a link shows its markup, {shown}" for page, text in texts.items()
               for shown in MARKUP.findall(text)]
    faults += [f"{page}: tooltips, which would stand in the code" for page, text in texts.items() if 'class="ttc"' in text]
    faults += [f"{page} is not in the contents, docs/site/footer.html" for page in links
               if not page.startswith(("dir_", "globals", "files")) and page not in (of_cpp if cpp(page) else contents)]
    print("\n".join(faults) or f"{len(links)} pages, {sum(map(len, links.values()))} links")
    return bool(faults)


sys.exit(main())
