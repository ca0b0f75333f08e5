// raw_values.hpp: raw integers and ports, and how SCVerify calls a test bench. Written by kaon hls.
#pragma once

#include "ac_values.hpp"
#include "scverify.hpp"

#define TESTBENCH_MAIN CCS_MAIN(int argc, char* argv[])
#define TESTBENCH_RETURN(code) CCS_RETURN(code)
