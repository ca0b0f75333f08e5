#!/usr/bin/env bash
# run.sh: hardware of @MODEL@ with PandA Bambu. Steps: cpp, synth, cosim, map; without one: cpp, cosim, and map where yosys is.
# BAMBU_COMPILER: the front end (I386_CLANG16).
@COMMON@
# AC_TYPES: for cpp with streams, the folder of ac_channel.h: that of Bambu.
ac_types() { echo "${AC_TYPES:-$(dirname "$(dirname "$(command -v bambu || echo /usr/bin/bambu)")")/share/panda/ac_types/include}"; }
synthesize() {
    (mkdir -p work/bambu && cd work/bambu && rm -rf HLS_output && bambu ../../src/@TOP@.cpp --top-fname=@TOP@ \
        "--compiler=${BAMBU_COMPILER:-I386_CLANG16}" --std=c++17 -I../../include -I../../src --generate-interface=INFER \
        --device-name=@PART@ --clock-period=@CLOCK@ "$@")
}
synth() { needs bambu; step synth synthesize; }
cosim() {
    needs bambu
    needs verilator
    step cosim synthesize --generate-tb=../../tb/testbench.cpp --simulate --simulator=VERILATOR
    cat work/bambu/HLS_output/simulation/testbench.log >>work/cosim.log 2>/dev/null || true
    verdict cosim
}
# What the hardware takes of a 7-series device: bambu counts areas in a unit of its own.
map() {
    needs yosys
    step map yosys -p "read_verilog -sv work/bambu/@TOP@.v; synth_xilinx -family xc7 -flatten -noiopad -top @TOP@; stat"
}
if [ $# -eq 0 ]; then
    set -- cpp cosim
    command -v yosys >/dev/null && set -- "$@" map
fi
for name in "$@"; do
    case $name in
    cpp) cpp @TYPES@ ;;
    synth | cosim | map) "$name" ;;
    *) echo "FAIL: no step $name"; exit 1 ;;
    esac
done
