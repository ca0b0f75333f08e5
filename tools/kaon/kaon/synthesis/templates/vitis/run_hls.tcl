# The same as hls_config.cfg, for vitis_hls -f run_hls.tcl, or vitis-run --mode hls --tcl run_hls.tcl. Written by kaon hls.
# KAON_STEPS: some of csim, synth, cosim, package; without it the first three.
set here [file normalize [file dirname [info script]]]
set steps {csim synth cosim}
if {[info exists ::env(KAON_STEPS)]} { set steps $::env(KAON_STEPS) }
set flags "-std=c++17 -I$here/include -I$here/src"

file mkdir $here/work
cd $here/work
open_project -reset classic
set_top @TOP@
add_files $here/src/@TOP@.cpp -cflags $flags
add_files -tb $here/tb/testbench.cpp -cflags "$flags -I$here/tb"
add_files -tb $here/tb/golden.inc
add_files -tb $here/tb/raw_values.hpp
open_solution -reset solution1 -flow_target vivado
set_part {@PART@}
create_clock -period @CLOCK@ -name default

if {"csim" in $steps} { csim_design -O }
if {"synth" in $steps || "cosim" in $steps || "package" in $steps} { csynth_design }
if {"cosim" in $steps} { cosim_design -O }
if {"package" in $steps} { export_design -format ip_catalog }
exit
