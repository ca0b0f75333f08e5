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

/// Softmax of the variant that takes the largest from all, with tables of e^-x and 1/x.
template <unsigned Size, class Exp, unsigned ExpSize, class Inv, unsigned InvSize, class Sum, class InvInput, class NormInput>
struct firmware_softmax : nnet::activ_config {
    static const unsigned n_in = Size;
    static const unsigned n_slice = Size;
    static const unsigned n_outer = 1;
    static const unsigned n_inner = 1;
    static const unsigned parallelization_factor = -1;
    static const unsigned exp_table_size = ExpSize;
    static const unsigned inv_table_size = InvSize;
    static const unsigned io_type = nnet::io_parallel;
    static const unsigned reuse_factor = 1;
    static const unsigned axis = -1;
    static const nnet::softmax_implementation implementation = nnet::softmax_implementation::stable;
    static constexpr float exp_scale = 1.0;
    typedef Exp table_t;
    typedef Exp exp_table_t;
    typedef Inv inv_table_t;
    typedef Sum accum_t;
    typedef InvInput inv_inp_t;
    typedef NormInput inp_norm_t;
};

}  // namespace bench
