// scverify.hpp: the macros of Catapult's SCVerify; outside of Catapult they are what stands in their arguments. Written by kaon hls.
#pragma once

#if __has_include(<mc_scverify.h>)
#include <mc_scverify.h>
#else
#define CCS_BLOCK(name) name
#define CCS_DESIGN(name) name
#define CCS_MAIN(count, words) int main()
#define CCS_RETURN(code) return code
#endif
