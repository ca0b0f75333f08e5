// hls.hpp: what an HLS compiler may see. A top function calls constant_model<network, parameters, kaon::hls>.
#pragma once

#include "core/model.hpp"
#include "core/named_graph.hpp"
#include "core/network.hpp"
#include "layers/activation.hpp"
#include "layers/dense.hpp"
#include "layers/dropout.hpp"
#include "layers/merge.hpp"
#include "layers/reshape.hpp"
#include "scalar/fixed.hpp"
#include "scalar/limits.hpp"
#include "version.hpp"
