// kaon.hpp: what a user includes. In an HLS tool it is what such a tool may see, and models are wires: a converted header is the
// source of both.
#pragma once

#include "hls/tool.hpp"

#if defined(KAON_HLS)
#include "hls.hpp"
#else
#include "core/model.hpp"
#include "core/named_graph.hpp"
#include "core/network.hpp"
#include "core/quantize.hpp"
#include "layers/activation.hpp"
#include "layers/batch_norm.hpp"
#include "layers/bias.hpp"
#include "layers/clip.hpp"
#include "layers/dense.hpp"
#include "layers/dropout.hpp"
#include "layers/elu.hpp"
#include "layers/embedding.hpp"
#include "layers/gelu.hpp"
#include "layers/hard_sigmoid.hpp"
#include "layers/layer_norm.hpp"
#include "layers/leaky_relu.hpp"
#include "layers/merge.hpp"
#include "layers/prelu.hpp"
#include "layers/reshape.hpp"
#include "layers/scaler.hpp"
#include "layers/silu.hpp"
#include "layers/slice.hpp"
#include "layers/softmax.hpp"
#include "layers/softplus.hpp"
#include "layers/tabulated.hpp"
#include "scalar/fixed.hpp"
#include "scalar/limits.hpp"
#include "simd/exact_products.hpp"
#include "simd/fixed_pack.hpp"
#include "simd/pack_look_up.hpp"
#include "simd/registers.hpp"
#include "simd/rounded_products.hpp"
#include "trees/forest.hpp"
#include "version.hpp"
#endif
