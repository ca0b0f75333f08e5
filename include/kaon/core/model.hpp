// model.hpp: a network with its parameters, as a value or bound to the type.
#pragma once

#include "forward.hpp"
#include "matrix_call.hpp"
#include "network.hpp"

#include <cassert>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace kaon {
namespace detail {

/// The calls of a model, for inputs In, outputs Out and state State (void: none).
template <class Derived, class Forward, class Inputs, class Outputs, bool HasState>
class calls;

template <class Derived, class Forward, class... In, class... Out>
class calls<Derived, Forward, types<In...>, types<Out...>, false> {
public:
    /// One event.
    [[gnu::always_inline]] auto operator()(const In&... x) const noexcept {
        return Forward::event(constants(), nullptr, x...);
    }
    /// A batch: rows of y beside rows of x; the caller gives each y as many rows as each x has.
    void operator()(batch_view<const typename In::scalar>... x, batch_view<typename Out::scalar>... y) const noexcept {
        Forward::batch(constants(), nullptr, views<batch_view<const typename In::scalar>...>{{{x}...}},
                       views<batch_view<typename Out::scalar>...>{{{y}...}});
    }
    /// The same with matrices: include <kaon/batch/eigen.hpp> or <kaon/batch/containers.hpp>.
    template <class... Matrices, class = std::enable_if_t<(sizeof...(Matrices) == sizeof...(In) + sizeof...(Out)) &&
                                                          (is_matrix<std::remove_reference_t<Matrices>> && ...)>>
    void operator()(Matrices&&... matrices) const noexcept {
        call(std::index_sequence_for<Matrices...>{}, matrices...);
    }

private:
    template <std::size_t... I, class... Matrices>
    void call(std::index_sequence<I...>, Matrices&... matrices) const noexcept {
        using tensors = std::tuple<In..., Out...>;
        constexpr std::size_t rows = matrix_rows<std::tuple_element_t<0, std::tuple<Matrices...>>>::rows;
        run(view_of<I, std::tuple_element_t<I, tensors>, (I >= sizeof...(In)), rows>(matrices)...);
    }
    template <class... Views>
    void run(const Views&... views) const noexcept {
        assert(have_rows_of(views...) && "kaon: a matrix has fewer rows than the first input");
        (*this)(views...);
    }
    const auto& constants() const noexcept { return static_cast<const Derived&>(*this).constants(); }
};

template <class Derived, class Forward, class... In, class... Out>
class calls<Derived, Forward, types<In...>, types<Out...>, true> {
public:
    using state = typename Forward::state;

    /// One event; the state goes in and comes out.
    [[gnu::always_inline]] auto operator()(const In&... x, state& s) const noexcept {
        return Forward::event(constants(), &s, x...);
    }
    /// A batch of events that do not depend on each other: states[row] is that row's.
    void operator()(batch_view<const typename In::scalar>... x, batch_view<typename Out::scalar>... y,
                    state* states) const noexcept {
        Forward::batch(constants(), states, views<batch_view<const typename In::scalar>...>{{{x}...}},
                       views<batch_view<typename Out::scalar>...>{{{y}...}});
    }

private:
    const auto& constants() const noexcept { return static_cast<const Derived&>(*this).constants(); }
};

template <class Value>
struct as_list {
    using type = types<Value>;
};
template <class... Values>
struct as_list<bundle<Values...>> {
    using type = types<Values...>;
};

template <class Derived, class Network, class Target>
using calls_of = calls<Derived, forward<Network, Target>, typename as_list<typename Network::input>::type,
                       typename as_list<typename Network::output>::type, Network::has_state>;

}  // namespace detail

/// A network with its parameters: const, trivially copyable, shareable between threads.
/// One event: model(x), model(x0, x1) for several inputs, model(x, state) for a network that has one.
/// A batch: model(x, y), with a view of rows for each input, then for each output.
template <class Network, class Target = native>
class model : public detail::calls_of<model<Network, Target>, Network, Target> {
public:
    /// The network, what a call takes, what it gives.
    /// @{
    using network = Network;
    using input = typename Network::input;
    using output = typename Network::output;
    /// @}

    model() = default;
    /// Repacks the parameters for the target; p may go.
    constexpr explicit model(const typename Network::parameters& p) : constants_(detail::prepared<Network, Target>::of(p)) {}

private:
    using base = detail::calls_of<model<Network, Target>, Network, Target>;
    friend base;
    constexpr const auto& constants() const noexcept { return constants_; }
    detail::prepared<Network, Target> constants_;
};

/// A network whose parameters are bound to the type: repacked by the compiler.
template <class Network, const typename Network::parameters& Parameters, class Target = native>
class constant_model : public detail::calls_of<constant_model<Network, Parameters, Target>, Network, Target> {
public:
    /// The network, what a call takes, what it gives.
    /// @{
    using network = Network;
    using input = typename Network::input;
    using output = typename Network::output;
    /// @}

private:
    using base = detail::calls_of<constant_model<Network, Parameters, Target>, Network, Target>;
    friend base;
    constexpr const auto& constants() const noexcept { return constants_; }
    static constexpr detail::prepared<Network, Target> constants_ = detail::prepared<Network, Target>::of(Parameters);
};

}  // namespace kaon
