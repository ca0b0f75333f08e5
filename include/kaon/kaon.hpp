// kaon.hpp: what a CPU user includes.
#pragma once

#include "core/model.hpp"
#include "core/network.hpp"
#include "layers/activation.hpp"
#include "layers/dense.hpp"
#include "layers/merge.hpp"
#include "layers/softmax.hpp"
#include "scalar/fixed.hpp"
#include "simd/fixed_pack.hpp"
#include "simd/registers.hpp"
#include "version.hpp"
