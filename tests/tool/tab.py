"""Types into a shell on a terminal of its own and prints what stands there in the end: tab.py SHELL COMMAND KEYS. The
command makes the shell ready, and the keys, such as "diffusion trai\\t", are typed when it has ended."""
import os
import pty
import select
import sys

QUIET = 1.5  # seconds without output are its end
PATIENCE = 60.0


def read(terminal, mark):
    """What the shell writes, to the mark and then until it is silent."""
    text = b""
    while select.select([terminal], [], [], QUIET if mark in text else PATIENCE)[0]:
        try:
            more = os.read(terminal, 4096)
        except OSError:
            break
        if not more:
            break
        text += more
    return text.replace(b"\a", b"").decode(errors="replace")


def main():
    shell, command, keys = sys.argv[1].split(), sys.argv[2], sys.argv[3].encode().decode("unicode_escape")
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(PS1="$ ", TERM="dumb")
        os.execvp(shell[0], shell)
    os.write(terminal, f"{command}; echo rea\"\"dy\r".encode())
    read(terminal, b"ready")
    os.write(terminal, keys.encode())
    print(read(terminal, b""))
    os.kill(child, 9)


main()
