// tool.hpp: the one place that knows HLS tools. A loop whose turns share one circuit has two slots, before it and first in its body;
// a tool takes its directive in one of them. Other tools are added here. Compilers see none of this, unless KAON_HLS is defined
// for them, as for a C simulation: then they see what a tool does.
#pragma once

#if !defined(KAON_HLS) && (defined(__BAMBU__) || defined(__VITIS_HLS__) || defined(__VIVADO_HLS__) || defined(__SYNTHESIS__))
#define KAON_HLS
#endif

#if defined(__BAMBU__)
// PandA Bambu pipelines functions alone: in a loop its directive is an error.
#define KAON_BEFORE_SHARED_LOOP
#define KAON_IN_SHARED_LOOP
#elif defined(__VITIS_HLS__) || defined(__VIVADO_HLS__)
#define KAON_BEFORE_SHARED_LOOP
#define KAON_IN_SHARED_LOOP _Pragma("HLS pipeline II=1")
#elif defined(__SYNTHESIS__)
// Catapult
#define KAON_BEFORE_SHARED_LOOP _Pragma("hls_pipeline_init_interval 1")
#define KAON_IN_SHARED_LOOP
#else
#define KAON_BEFORE_SHARED_LOOP
#define KAON_IN_SHARED_LOOP
#endif
