// kaon.hpp: what a CPU user includes.
#pragma once

#include "core/model.hpp"
#include "core/network.hpp"
#include "layers/activation.hpp"
#include "layers/dense.hpp"
#include "layers/softmax.hpp"
#include "version.hpp"
