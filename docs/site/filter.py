"""Doxygen's input filter: filter.py FILE prints the file as Doxygen reads it best; the file itself stays plain text.

Headers: columns of plain text in a comment become tables, and characters that Doxygen would take for markup stay what
they are. Markdown: headings get the anchors that other readers of Markdown give them, and links go to pages of the
site, or to copies of files in files/.
"""
import html
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"`[^`]*`|(?<!\\)\[((?:`[^`]*`|[^\]`])*)\]\(([^)\s]+)\)")
GAP = re.compile(r"^(\S(?:.*?\S)?)  +(?=\S)")


def escape(text):
    """Prose of a header: nothing in it is markup but `code` and names of functions, which Doxygen links."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(p if p.startswith("`") else re.sub(r"([*<>#&|])", lambda m: html.escape(m[0]) if m[0] in "<>&"
                                                       else "\\" + m[0], p) for p in parts)


def cells(line, starts):
    """The texts of a line that stands in columns."""
    ends = starts[1:] + [len(line)]
    return [line[a:b].strip() for a, b in zip(starts, ends)]


def columns(line):
    """Where the columns of a table's first row begin, or None."""
    if not GAP.match(line) or line.startswith(("@", "-")):
        return None
    return [0] + [m.end() for m in re.finditer(r"(?<=\S)  +(?=\S)", line)]


def in_columns(line, starts):
    """Whether a line belongs to the table: a row, the rest of one, or a single word."""
    first = starts[1]
    if not line.strip():
        return False
    if not line[:first].strip():
        return True
    if line.startswith(" ") or line.startswith("@"):
        return False
    return (line[first - 2:first] == "  " and len(line) > first) or " " not in line.strip()


def table(lines, starts):
    """The HTML of a table: its first line is a heading unless it begins with a quotation mark."""
    rows = []
    for line in lines:
        texts = cells(line, starts)
        if texts[0] or not rows:
            rows.append(texts)
        else:
            rows[-1] = [f"{old} {new}".strip() for old, new in zip(rows[-1], texts)]
    out = ['<table class="keys">']
    for i, texts in enumerate(rows):
        if not any(texts[1:]) and not texts[0].startswith('"'):
            out.append(f'<tr><th colspan="{len(texts)}">{escape(texts[0])}</th></tr>')
            continue
        tag = "th" if i == 0 and not texts[0].startswith('"') else "td"
        out.append("<tr>" + "".join(f"<{tag}>{escape(t)}</{tag}>" for t in texts) + "</tr>")
    return out + ["</table>"]


def begins(lines, i):
    """The columns of the table that begins at line i, or None; a single word may stand above them."""
    if i + 1 == len(lines):
        return None
    word = re.fullmatch(r"\w+", lines[i]) and (i == 0 or not lines[i - 1].strip())
    starts = columns(lines[i + 1] if word else lines[i])
    return starts if starts and in_columns(lines[i + 1], starts) else None


def comment(lines):
    """The lines of one comment, without their ` * `."""
    out, i, code, returned = [], 0, False, False
    while i < len(lines):
        line = lines[i]
        starts = begins(lines, i)
        if starts:
            end = next((j for j in range(i, len(lines)) if not in_columns(lines[j], starts)), len(lines))
            out += table(lines[i:end], starts)
            i = end
            continue
        code = line.startswith("    ") and (code or not out or not out[-1].strip())
        returned = returned or line.startswith("@return")
        if not code:
            if returned and line[:1].isupper():  # a paragraph of its own behind @return and its indented lines
                out.append("")
            line = escape(re.sub(r"^(@param +\w+), (\w+)", r"\1,\2", line))
        out.append(line)
        i += 1
    return out


def header(text):
    """A header: its comments made over, the first one that of the file."""
    first = True

    def made_over(match):
        nonlocal first
        if match[1].startswith("<"):
            return match[0]
        lines = [re.sub(r"^ \* ?", "", line) for line in match[1].rstrip().split("\n")]
        lines[0] = lines[0].strip()
        body = "\n".join(comment(lines))
        start, first = ("/** @file\n" if first else "/** "), False
        return start + body + " */"

    return re.sub(r"/\*\*(.*?)\*/", made_over, text, flags=re.S)


def owns(match):
    """The bases of a C++ class: those that only hold the handle are no part of the interface."""
    reference = re.match(r"\w+", match[1])
    return f" : public {reference[0]}\n{{" if reference and reference[0] != "detail" else "\n{"


def cpp(text):
    """A C++ header without what its users do not name."""
    text = re.sub(r"inline namespace DIFFUSION_CPP_ABI\n{\n|} // namespace DIFFUSION_CPP_ABI\n", "", text)
    text = re.sub(r"namespace detail\n{\n.*?} // namespace detail\n", "", text, flags=re.S)
    text = re.sub(r"\n  private:\n.*?(?=\n};)", "", text, flags=re.S)
    text = re.sub(r"^ *using (owner|handle)::\1;\n", "", text, flags=re.M)
    return re.sub(r"\s*: public detail::(?:owner|handle)<([^{]*)>\n{", owns, text)


def slug(title):
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.replace("`", "").lower()).replace(" ", "-")


def label(path):
    """The name of a page: that of its file, behind that of its folder unless that is docs/ or the root."""
    folder = path.relative_to(ROOT).parent.as_posix()
    stem = path.stem.lower()
    if (folder, stem) == (".", "readme"):
        return "index"
    return stem if folder in (".", "docs") else f"{folder.replace('/', '-')}-{stem}"


def pages():
    """The pages and folders of pages that Doxygen reads."""
    settings = (ROOT / "docs/site/Doxyfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [ROOT / name for name in re.search(r"^INPUT *=(.*)", settings, re.M)[1].split()]


def link(path, target, text=""):
    """Where a link of a page leads on the site: by the name of a page's file where the text is code, which @ref shows as
    it is typed."""
    if re.match(r"\w+:", target):
        return target
    name, _, anchor = target.partition("#")
    full = Path(os.path.normpath(path.parent / name)) if name else path
    if full.suffix == ".md" and any(full == page or page in full.parents for page in pages()):
        if "`" in text:
            return f"{label(full)}.html#{label(full)}-{anchor}" if anchor else f"{label(full)}.html"
        return f"@ref {label(full)}-{anchor}" if anchor else f"@ref {label(full)}"
    if full.suffix in (".h", ".hpp") and ROOT / "include" in full.parents:
        return f"{full.stem.replace('_', '__')}_8{full.suffix[1:]}.html"
    if full.suffix == ".png":
        return full.name
    return f"files/{full.relative_to(ROOT).as_posix()}.txt"


def linked(path, match):
    """A link of a page, or its text alone where it leads to a folder; code stays as it is."""
    if match[0].startswith("`"):
        return match[0]
    if (path.parent / match[2]).is_dir():
        return match[1]
    return f"[{match[1]}]({link(path, match[2], match[1])})"


def markdown(path, text):
    page, out, fence, titled = label(path), [], False, False
    for line in text.split("\n"):
        if line.startswith("```"):
            fence = not fence
            if line == "```" and fence:
                line = "```{.txt}"
        elif not fence:
            heading = re.match(r"(#+) +(.*)", line)
            if heading:
                name = f"{page}-{slug(heading[2])}" if titled else page
                line = f"{line} {{#{'mainpage' if name == 'index' else name}}}"
                titled = True
            line = LINK.sub(lambda m: linked(path, m), line)
        out.append(line)
    return "\n".join(out)


def main():
    path = Path(sys.argv[1]).resolve()
    text = path.read_text(encoding="utf-8")
    sys.stdout.reconfigure(encoding="utf-8")
    text = cpp(text) if path.suffix == ".hpp" else text
    sys.stdout.write(markdown(path, text) if path.suffix == ".md" else header(text))


main()
