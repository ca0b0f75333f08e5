set -euo pipefail
cd "$(dirname "$0")"
mkdir -p work

# step NAME COMMAND...: runs a command; what it says goes to work/NAME.log.
step() {
    local name=$1
    shift
    echo "== $name: $1"
    "$@" >"work/$name.log" 2>&1 || { tail -n 20 "work/$name.log"; echo "FAIL: $name ended with an error: work/$name.log"; exit 1; }
}
# verdict NAME: the test bench's own words in work/NAME.log. An exit code proves nothing.
verdict() {
    local said
    said=$(grep -ohE '(PASS|FAIL): [0-9]+ of [0-9]+ events equal' "work/$1.log" | sort -u) || true
    echo "$1: ${said:-FAIL: the test bench said nothing}"
    case $said in *FAIL:*) exit 1 ;; PASS:*) ;; *) exit 1 ;; esac
}
needs() { command -v "$1" >/dev/null || { echo "FAIL: $1 is not on PATH"; exit 1; }; }
# Plain C++: the sources as any compiler reads them, no tool needed.
cpp() {
    step cpp "${CXX:-g++}" -std=c++17 ${CXXFLAGS:--O1} -Iinclude -Isrc "$@" src/@TOP@.cpp tb/testbench.cpp -o work/cpp
    ./work/cpp >work/cpp.log 2>&1 || true
    verdict cpp
}
