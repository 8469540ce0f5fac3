# SPDX-License-Identifier: BSD-2-Clause
"""Sources and scripts ask nothing that one kind of host alone has.

FreeBSD is where kldsim is used most, and Linux where most of it is written.
What is in the table works on one of them only, or does another thing there.
A file that may have it all the same is named in its row, with the reason.
"""

import re
from itertools import chain
from typing import NamedTuple

import tidy

# Where a shell looks for a command.
COMMAND = r"(?:^|[|;&({`!]|\b(?:if|then|do|else|while)\s)\s*"


def option(name, letters):
    """The command with one of the option letters, in this line."""
    return rf"{COMMAND}{name}\s(?:[^|;&]*\s)?-[a-zA-Z0-9]*[{letters}]"


class Row(NamedTuple):
    kinds: str         # of files: c, sh, awk, cmake, py
    pattern: str
    why: str
    instead: str
    bad: str           # lines that it is there for, each by itself
    allowed: dict = {}  # path: why it may have it


ROWS = [
    # --- C ---
    Row("c cmake", r"\b_(?:GNU|DEFAULT|BSD|SVID|XOPEN|ALL)_SOURCE\b",
        "shows what only one C library has",
        "POSIX of 2008, which CMakeLists.txt asks for",
        "#define _GNU_SOURCE\n#define _DEFAULT_SOURCE\n", {
            "lib/util/alloc.c": "madvise(2), only where there is a use for it",
            "tools/check/jobs.c": "sysconf(3) of how many CPUs, if there is it",
            "tools/check/watch.c": "sigaction(2), which is POSIX's",
            "tools/sandbox/sandbox.c": "realpath(3), which is POSIX's",
            "tests/cli/capsicum/fake.c": "built where there is seccomp(2)",
            "tests/bench/run.c": "wait4(2), which both have",
            "tests/bench/floor.c": "a yardstick, kept as it was given"}),
    Row("c", r"\b(?:MAP_ANON(?:YMOUS)?|SA_(?:RESTART|RESETHAND|NODEFER|SIGINFO"
        r"|ONSTACK|NOCLDWAIT)|INADDR_LOOPBACK|_SC_NPROCESSORS_\w+|max_align_t)\b",
        "FreeBSD does not show it to those who ask for POSIX of 2008",
        "a file of its own that asks for more, or what POSIX has",
        "x = mmap(NULL, n, p, MAP_ANON, -1, 0);\na.sa_flags = SA_RESTART;\n"
        "n = sysconf(_SC_NPROCESSORS_ONLN);\nb = htonl(INADDR_LOOPBACK);\n"
        "_Alignas(max_align_t) char room[9];\n", {
            "lib/util/alloc.c": "it asks for more",
            "tests/bench/floor.c": "a yardstick, kept as it was given",
            "tests/unit/link/test_link_release.c": "what kldsim says of a release",
            "tools/check/jobs.c": "it asks for more",
            "tools/check/watch.c": "it asks for more"}),
    Row("c", r"#\s*include\s*<(?:error|err|malloc|alloca|features|endian|argp"
        r"|byteswap|obstack|execinfo|fts|mcheck|(?:linux|asm|gnu|bsd)/\w+"
        r"|sys/(?:auxv|cdefs|endian|epoll|eventfd|inotify|param|prctl|queue"
        r"|random|sendfile|statfs|sysinfo|sysmacros|tree|vfs))\.h>",
        "POSIX has no such header", "one that it has",
        "#include <error.h>\n# include <sys/sysinfo.h>\n#include <linux/elf.h>\n",
        {"tests/bench/growth.c": "mallopt(3), where there is glibc",
         "tests/cli/capsicum/fake.c": "built where there is seccomp(2)"}),
    Row("c", r"\b(?:strchrnul|mempcpy|rawmemchr|memrchr|memmem|strcasestr"
        r"|strl(?:cpy|cat)|strverscmp|strdupa|strndupa|strsep|strtonum"
        r"|v?asprintf|qsort_[rs]|(?:rec|re)allocarray|explicit_bzero"
        r"|get_?progname|secure_getenv|clearenv|canonicalize_file_name"
        r"|get_current_dir_name|get_nprocs|sched_getaffinity|mremap"
        r"|memfd_create|fallocate|copy_file_range|pipe2|accept4|dup3|ppoll"
        r"|close_range|closefrom|fgetln|funopen|fopencookie|on_exit|tempnam"
        r"|error|error_at_line|v?errx?|v?warnx?|arc4random\w*|malloc_trim"
        r"|malloc_usable_size|mallinfo2?|mallopt|alloca|wait[34]|madvise)"
        r"\s*\(",
        "POSIX of 2008 has no such function, or hosts differ in it",
        "one that it has; lib/util may have it",
        "\tend = strchrnul(text, ';');\n\tqsort_r(a, n, 8, f, x);\n"
        "\tasprintf(&text, \"x\");\n\terror(1, errno, \"x\");\n", {
            "lib/util/alloc.c": "only where the host has the advice",
            "tests/cli/capsicum/fake.c": "built where there is seccomp(2)",
            "tests/bench/run.c": "both have it, and nothing else tells the peak",
            "tests/bench/growth.c": "where there is glibc",
            "tests/bench/floor.c": "a yardstick, kept as it was given"}),
    Row("c", r"\b__(?:linux|linux__|gnu_linux__|GLIBC__|FreeBSD__)\b",
        "asks for a host, where it should ask for what it needs",
        "#if defined(THE_THING)", "#ifdef __linux__\n#if defined(__FreeBSD__)\n",
        {"tests/bench/growth.c": "mallopt(3) is no macro"}),
    Row("c sh awk py", r"/proc/(?:self|cpuinfo|meminfo|\$|\{|%|[0-9])",
        "FreeBSD mounts no /proc", "POSIX, or a number that says 'unknown'",
        '\tfile = fopen("/proc/self/maps", "r");\n', {
            "tests/bench/check.c": "0 where there is none",
            "tests/bench/inproc.c": "0 where there is none",
            "tests/bench/run.c": "0 where there is none",
            "tests/bench/table.py": "'unknown' where there is none"}),

    # --- The linker ---
    Row("cmake sh", r"(?:LINKER:|-Wl,)(?!-z,defs|--wrap=|-rpath,"
        r"|--disable-new-dtags,-rpath,|--version-script="
        r"|--dynamic-linker=)",
        "not known to be a flag of both ld.bfd and ld.lld",
        "-z defs, --wrap, -rpath, --version-script; or look it up and name it",
        "target_link_options(a PRIVATE LINKER:--no-warn-mismatch)\n"
        "set(FLAGS -Wl,--as-needed)\n"),
    Row("cmake", r"-fuse-ld=|(?:^|[\s\"(])-l(?:dl|rt|pthread)\b",
        "each host has another linker, and other libraries beside libc",
        "CMAKE_DL_LIBS, Threads::Threads, or nothing",
        "target_link_libraries(a PRIVATE -ldl)\nset(FLAGS -fuse-ld=gold)\n"),

    # --- The shell itself ---
    Row("sh", r"^#!(?!/bin/sh$)", "there may be no other shell",
        "#!/bin/sh", "#!/bin/bash\n"),
    Row("sh", r"(?:^|[|;&({!]|\b(?:if|while)\s)\s*\[\[\s|<<<|[^<]<\(|[^&>]&>"
        r"|\|&|(?:^|[\s=(])\$'|\$\{\w+(?:,,|\^\^|//|/|:[0-9])|\$\{!|\[ [^\]]* == ",
        "bash alone has it", "case, printf, expr, a pipe, =",
        "if [[ $a = b* ]]; then\nread -r a <<<$b\ndiff <(a) b\nmake &>log\n"
        "a=${b//c/d}\na=${b:1:2}\n[ \"$a\" == b ]\nx=$'a\\tb'\n"),
    Row("sh", COMMAND + r"(?:local|declare|typeset|source|let|shopt|pushd|popd"
        r"|select|mapfile|readarray)\s+[a-z\"$./-]|^function\s",
        "POSIX has no such word", "a function of its own, or '.'",
        "\tlocal name=$1\nsource ./common.sh\nfunction f {\ndeclare -a x\n"),
    Row("sh", r"set -[a-z]*o pipefail|\btrap\s.*\b(?:ERR|DEBUG|RETURN)\b"
        r"|\$\{?(?:RANDOM|UID|EUID|BASHPID|HOSTNAME|BASH_SOURCE|FUNCNAME)\b"
        r"|\bread\s+-[a-z]*[apnt]\b|\bprintf\s+-v\b|\{[0-9]+\.\.[0-9]+\}",
        "not every /bin/sh has it", "what POSIX has",
        "set -eo pipefail\nn=$RANDOM\nread -p name x\nfor i in {1..5}; do\n"),
    Row("sh", COMMAND + r"echo\s+-[neE]", "echo may print its option",
        "printf", "echo -e 'a\\tb'\n\techo -n x\n"),
    Row("sh", COMMAND + r"which\s", "is no command of POSIX", "command -v",
        "path=$(which clang)\n"),

    # --- Commands ---
    Row("sh", option("sed", "ir") + "|" + COMMAND + r"sed\s.*\\[|+?swWbB<>]",
        "sed -i wants a suffix on FreeBSD; -r, \\| and \\+ are GNU's",
        "a file beside it and mv; sed -E",
        "sed -i s/a/b/ file\nx | sed -n -r 's/a/b/p'\nsed 's/a\\|b/c/' f\n"),
    Row("sh", option("grep", "PzT") + "|" + COMMAND
        + r"grep\s.*\\[swWbB<>]", "GNU's grep alone has it", "grep -E",
        "grep -P '\\d' file\nif grep -qP x f; then\ngrep '\\<word' f\n"),
    Row("sh", option("readlink", "femn") + "|" + COMMAND + r"realpath\s",
        "POSIX of 2008 has no such command, and its options differ",
        "cd -P and pwd", 'here=$(readlink -f "$0")\nrealpath .\n'),
    Row("sh", COMMAND + r"(?:nproc|tac|shuf|numfmt|timeout|sha256sum|md5sum"
        r"|tempfile|gawk|gmake|gsed|seq\s+-[^f\s]*[ws]|free|lscpu|hostname"
        r"\s+-|truncate|xxd)\b", "GNU's or Linux's alone",
        "getconf _NPROCESSORS_ONLN, awk, cksum, python3",
        "jobs=$(nproc)\ntac f\nx | sha256sum\nif timeout 5 x; then\ngawk x\n"),
    Row("sh", option("sort", "VRhz"), "POSIX's sort cannot do that",
        "numbers of a fixed width", "ls | sort -V\nsort -u -h f\n"),
    Row("sh", option("mktemp", "pt") + "|" + COMMAND + r"mktemp\s+--",
        "means another thing on FreeBSD", 'mktemp "$dir/name.XXXXXX"',
        "mktemp -t name\nd=$(mktemp -d -p /tmp)\nmktemp --suffix=.c\n"),
    Row("sh", option("cp", "adlsu") + "|" + option("ln", "rT") + "|"
        + option("mv", "tT") + "|" + option("install", "DtT"),
        "GNU's alone", "cp -Rp, mkdir -p and cp", 'cp -a "$a" "$b"\nln -sr a b\nmv -t d a\ninstall -D a b\n'),
    Row("sh", option("date", "dI") + "|" + COMMAND + r"date\s.*%[N]",
        "date(1) of FreeBSD takes other options", "python3",
        "date -d yesterday\nt=$(date +%s%N)\n"),
    Row("sh", option("xargs", "rda"), "GNU's alone",
        "a loop, or a test before it", "x | xargs -r rm\nxargs -0r rm\nxargs -d , rm\n"),
    Row("sh", COMMAND + r"stat\s|" + option("du", "b") + "|"
        + option("df", "B") + "|" + option("ls", "v"),
        "has other options on FreeBSD", "wc -c, test -nt, python3",
        "stat -c %s file\nsize=$(du -b f)\ndf -B1 .\n"),
    Row("sh", COMMAND + r"(?:head|tail)\s+-[nc]?\s*-[0-9]|"
        + COMMAND + r"head\s+-n\s*-", "GNU's head alone counts from the end",
        "sed '$d'", "head -n -1 file\nhead -c -1 f\n"),
    Row("sh", COMMAND + r"find\s.*-(?:printf|executable|readable|regextype"
        r"|lname|quit)\b", "GNU's find alone has it", "-exec, -perm",
        "find . -printf '%s\\n'\nfind d -type f -executable\n",
        {"tests/hosts/sysroot.sh": "runs on Debian alone"}),
    Row("sh", COMMAND + r"(?:cp|mv|rm|ln|ls|mkdir|touch|sort|sed|grep|cut|tr|wc"
        r"|head|tail|find|xargs|tar|diff|uniq|tee|od)\s(?:[^|;&]*\s)?--[a-z]",
        "long options are GNU's", "the letter, if POSIX has one",
        "sort --unique file\nmkdir --parents d\nx | grep -c --text y\n",
        {"tests/hosts/sysroot.sh": "runs on Debian alone"}),
    Row("sh awk", r"\b(?:gensub|asorti?|strftime|systime|mktime|strtonum"
        r"|patsplit|lshift|rshift|compl|xor)\(|\b(?:BEGINFILE|ENDFILE"
        r"|PROCINFO|FPAT|FIELDWIDTHS|IGNORECASE)\b",
        "gawk alone has it", "what POSIX's awk has",
        "awk '{ print gensub(/a/, b, 1) }'\n\tn = asort(a)\nx = strtonum(y)\n"),
    Row("awk", r"/[^/]*\\[ysSwW<>][^/]*/|\*\*|^@include|^func\s",
        "gawk alone has it", "[[:space:]], ^, function",
        "/\\<word\\>/ { n++ }\n{ print 2 ** 3 }\n@include \"x\"\n"),

    # --- Python ---
    Row("py", r"shell=True|os\.(?:system|popen)\(",
        "the shell and its commands differ", "a list of words",
        'subprocess.run("a | b", shell=True)\nos.system("ls")\n'),
    Row("py", r"[\[(]\s*[\"'](?:sed|awk|gawk|grep|cp|mv|find|sort|date|stat"
        r"|readlink|realpath|mktemp|xargs|nproc|bash|ldd|tar|od)[\"']\s*[,\])]",
        "commands have other options elsewhere", "Python does it itself",
        'subprocess.run(["sed", "-i", "s/a/b/", path])\nrun(("nproc",))\n',
        {"tests/cli/test_complete.py": "it is completion in bash that it tests"}),
    Row("py", r"sched_getaffinity|posix_fadvise|memfd_create|os\.splice"
        r"|sys\.platform\b|platform\.linux", "Linux alone has it",
        "os.cpu_count, or ask for the thing itself",
        "jobs = len(os.sched_getaffinity(0))\nif sys.platform == 'linux':\n"),
]

# What a comment is; a string in C may hold the mark of one.
COMMENT = {
    "c": re.compile(r'("(?:\\.|[^"\\\n])*")|/\*.*?\*/|//[^\n]*', re.S),
    "py": re.compile(r'("""(?!\\).*?"""|"(?:\\.|[^"\\\n])*")|(?<!\S)#[^\n]*',
                     re.S),
}
HASH = re.compile(r"()(?<!\S)#(?!!)[^\n]*")


def kind_of(path):
    name = path.rsplit("/", 1)[-1]
    if name in ("CMakeLists.txt", "dev"):
        return "cmake" if name.endswith("txt") else "sh"
    return {"c": "c", "h": "c", "sh": "sh", "awk": "awk", "cmake": "cmake",
            "in": "cmake", "py": "py"}.get(name.rpartition(".")[2])


def without_comments(kind, text):
    """The text with every line at its number."""
    return COMMENT.get(kind, HASH).sub(
        lambda match: match[1] or "\n" * match[0].count("\n"), text)


def scripts_and_sources(root):
    """(path, kind, text); what is compiled for a kernel is no host's."""
    paths = chain([root / "dev", root / "CMakeLists.txt"],
                  *((root / folder).rglob("*") for folder in
                    ("cmake", "examples", "include", "lib", "tools", "tests",
                     ".clusterfuzzlite")))
    for path in sorted(path for path in paths if path.is_file()):
        name = path.relative_to(root).as_posix()
        kind = kind_of(name)
        own = name in ("tests/tidy/test_portable.py",)
        kernel = kind == "c" and name.startswith("tests/fixtures/")
        if kind and not own and not kernel:
            yield name, kind, path.read_text()


def matches(row, kind, text):
    if kind not in row.kinds.split():
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = re.search(row.pattern, line)
        if match:
            yield number, match[0].strip()


def portable(root):
    used = set()
    for path, kind, text in scripts_and_sources(root):
        text = without_comments(kind, text)
        for number, row in enumerate(ROWS):
            for line, found in matches(row, kind, text):
                if path in row.allowed:
                    used.add((number, path))
                    continue
                yield (f"{path}:{line}: '{found}': {row.why}; "
                       f"instead: {row.instead}")
    if (root / "dev").exists():
        for number, row in enumerate(ROWS):
            for path in row.allowed:
                if (number, path) not in used:
                    yield f"{path} need not be allowed: {row.why}"


SKIP = re.compile(r"(?:\bexit\s*\(?|\breturn )77\b")
SAYS = re.compile(r'\b(?:echo |print\(f?)"skipped: ')


def skips_say_why(root):
    """What ends with 77 has said `skipped: why` a line or two before."""
    for path, kind, text in scripts_and_sources(root):
        if kind not in ("sh", "py"):
            continue
        lines = without_comments(kind, text).splitlines()
        for number, line in enumerate(lines, 1):
            if SKIP.search(line) and not any(
                    map(SAYS.search, lines[max(0, number - 3):number])):
                yield f"{path}:{number}: skips, and does not say why"


NAMES = {"c": "tests/unit/a.c", "sh": "tests/a.sh", "awk": "tests/a.awk",
         "cmake": "tests/CMakeLists.txt", "py": "tests/a.py"}

# Near misses: what both kinds of host have.
GOOD = {
    "lib/a.c": '/* error(3) */\n\tfail("no /proc here // and error: ");\n'
               "\tkldsim_error(x);\n\tsnprintf(text, sizeof(text), x);\n",
    "tests/a.sh": "#!/bin/sh\n# sed -i, and [[ a ]]\n"
                  "sed -n 's/^a: \\(b*\\)$/\\1/p' file | sort -n\n"
                  "sed -E 's/(a|b)+/c/' file >new && mv new file\n"
                  "grep -Ec -e '[[:space:]]adr' file\n"
                  'cp -R "$a-i" "$b"; dir=$(mktemp -d)\n'
                  'a=$(cd "${0%/*}" && pwd); b=${a##*/}; [ "$a" = "$b" ]\n'
                  "command -v which >/dev/null || exit 1\n",
    "tests/CMakeLists.txt": "target_link_options(a PRIVATE LINKER:-z,defs)\n",
    "tests/a.py": 'run(["llvm-readelf", "-S", path])  # not sed -i\n'
                  'print(f"skipped: no {tool}")\nsys.exit(77)\n',
}


def quiet_about_good():
    root = tidy.sample(GOOD)
    for complaint in chain(portable(root), skips_say_why(root)):
        yield f"self-test: of a good line: {complaint}"


def bad_rows():
    """Each row complains of each of its own bad lines."""
    for row in ROWS:
        kind = row.kinds.split()[0]
        for line in row.bad.splitlines():
            complaints = portable(tidy.sample({NAMES[kind]: line + "\n"}))
            yield [f"{line}: {words}" for words in complaints], (
                f": {row.why};")


def skip(text):
    return (skips_say_why(tidy.sample({"tests/a.sh": text})),
            "a.sh:2: skips, and does not say why")


tidy.main(chain(portable(tidy.ROOT), skips_say_why(tidy.ROOT),
                quiet_about_good()), [
    *bad_rows(),
    skip("found clang ||\n    exit 77\n"),
    skip("echo no clang\nfound clang || exit 77\n"),
    skip('# echo "skipped: no clang"\nfound clang || exit 77\n'),
    (portable(tidy.sample({"dev": "#!/bin/sh\n"})), "need not be allowed"),
])
