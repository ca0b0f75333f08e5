#!/usr/bin/env bash
# run.sh: hardware of @MODEL@ with Vitis HLS. Steps: cpp, csim, synth, cosim, package; without one: csim, synth, cosim.
# AP_TYPES: for cpp, the folder of ap_fixed.h (that of the Vitis installation).
@COMMON@
classic() {
    needs vitis_hls
    step "$1" env "KAON_STEPS=$1" vitis_hls -f run_hls.tcl
}
csim() {
    if command -v v++ >/dev/null; then
        step csim vitis-run --mode hls --csim --config hls_config.cfg --work_dir work/hls
    else
        classic csim
    fi
    verdict csim
}
synth() {
    if command -v v++ >/dev/null; then
        step synth v++ -c --mode hls --config hls_config.cfg --work_dir work/hls
    else
        classic synth
    fi
}
cosim() {
    if command -v v++ >/dev/null; then
        step cosim vitis-run --mode hls --cosim --config hls_config.cfg --work_dir work/hls
    else
        classic cosim
    fi
    verdict cosim
    grep -q 'C/RTL co-simulation finished: PASS' work/cosim.log || { echo "FAIL: the co-simulation did not say that it passed"; exit 1; }
}
package() {
    if command -v v++ >/dev/null; then
        step package vitis-run --mode hls --package --config hls_config.cfg --work_dir work/hls
    else
        classic package
    fi
}
[ $# -gt 0 ] || set -- csim synth cosim
for name in "$@"; do
    case $name in
    cpp) cpp -isystem "${AP_TYPES:-${XILINX_HLS:-${XILINX_VITIS:-/usr/include}}/include}" ;;
    csim | synth | cosim | package) "$name" ;;
    *) echo "FAIL: no step $name"; exit 1 ;;
    esac
done
