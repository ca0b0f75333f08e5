// raw_words.hpp: raw integers and words in streams. Written by kaon hls.
#pragma once

#include "ac_values.hpp"

#define TESTBENCH_MAIN int main()
#define TESTBENCH_RETURN(code) return code
