# For catapult -shell -f run.tcl. Written by kaon hls.
# KAON_STEPS: some of csim, synth, cosim; without it all of them.
set here [file normalize [file dirname [info script]]]
set steps {csim synth cosim}
if {[info exists ::env(KAON_STEPS)]} { set steps $::env(KAON_STEPS) }

file mkdir $here/work
cd $here/work
project new -name catapult_@TOP@
solution new -state initial
solution options defaults
solution options set /Input/CppStandard c++17
solution options set /Input/SearchPath [list $here/include $here/src $here/tb]
solution options set /Output/OutputVerilog true
solution options set /Output/OutputVHDL false
flow package require /SCVerify

solution file add $here/src/@TOP@.cpp -type C++
solution file add $here/tb/testbench.cpp -type C++ -exclude true
directive set -DESIGN_GOAL latency
directive set -RESET_CLEARS_ALL_REGS no

go analyze
solution design set @TOP@ -top
go compile
if {"csim" in $steps} { flow run /SCVerify/launch_make ./scverify/Verify_orig_cxx_osci.mk {} SIMTOOL=osci sim }

if {"synth" in $steps || "cosim" in $steps} {
@LIBRARY@
go libraries
directive set -CLOCKS [list clk [list -CLOCK_PERIOD @CLOCK@ -CLOCK_HIGH_TIME @HALF@ -CLOCK_EDGE rising -CLOCK_OFFSET 0.0 -CLOCK_UNCERTAINTY 0.0 -RESET_KIND sync -RESET_SYNC_NAME rst -RESET_SYNC_ACTIVE high]]
go assembly
go architect
go allocate
go extract
}
if {"cosim" in $steps} { flow run /SCVerify/launch_make ./scverify/Verify_rtl_v_msim.mk {} SIMTOOL=msim sim }
project save
exit
