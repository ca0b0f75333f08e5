// firmware.hpp: hls4ml's own emulation: the functions that its projects compile on ap_fixed.
#pragma once

#include <nnet_utils/nnet_activation.h>
#include <nnet_utils/nnet_dense.h>

namespace bench {

/// What hls4ml's Vivado back end writes for a dense layer of io_parallel and the latency strategy.
template <unsigned Inputs, unsigned Outputs, class Weight, class Bias, class Sum>
struct firmware_dense : nnet::dense_config {
    static const unsigned n_in = Inputs;
    static const unsigned n_out = Outputs;
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned strategy = nnet::latency;
    static const unsigned reuse_factor = 1;
    static const unsigned n_zeros = 0;
    static const unsigned n_nonzeros = Inputs * Outputs;
    static const unsigned multiplier_limit = Inputs * Outputs;
    static const bool store_weights_in_bram = false;
    typedef Sum accum_t;
    typedef Bias bias_t;
    typedef Weight weight_t;
    template <class Data, class Result, class Config>
    using kernel = nnet::DenseLatency<Data, Result, Config>;
    template <class X, class Y>
    using product = nnet::product::mult<X, Y>;
};

template <unsigned Size>
struct firmware_activation : nnet::activ_config {
    static const unsigned n_in = Size;
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned reuse_factor = 1;
};

}  // namespace bench
