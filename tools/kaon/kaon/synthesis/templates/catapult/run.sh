#!/usr/bin/env bash
# run.sh: hardware of @MODEL@ with Catapult. Steps: cpp, csim, synth, cosim; without one: csim, cosim (which synthesizes).
# AC_TYPES: for cpp, the folder of ac_fixed.h (that of the Catapult installation).
@COMMON@
tcl() {
    needs catapult
    step "$1" env "KAON_STEPS=$1" catapult -shell -f run.tcl
}
csim() { tcl csim && verdict csim; }
synth() { tcl synth; }
cosim() {
    tcl cosim
    verdict cosim
    grep -q 'Simulation PASSED' work/cosim.log || { echo "FAIL: SCVerify did not say that the simulation passed"; exit 1; }
}
[ $# -gt 0 ] || set -- csim cosim
for name in "$@"; do
    case $name in
    cpp) cpp -isystem "${AC_TYPES:-${MGC_HOME:-/usr}/shared/include}" ;;
    csim | synth | cosim) "$name" ;;
    *) echo "FAIL: no step $name"; exit 1 ;;
    esac
done
