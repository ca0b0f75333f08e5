// A model as a function of columns: the same numbers as the model's, of exactly the types that a framework deduces.

#include <kaon/io/columns.hpp>
#include <kaon/kaon.hpp>

#include <doctest/doctest.h>

#include <type_traits>

namespace {

using two = kaon::network<kaon::input<float, 3>, kaon::dense<2>>;
using one = kaon::network<kaon::input<float, 2>, kaon::dense<1>>;
constexpr two::parameters two_parameters = {{{{{1.0f, 2.0f}, {3.0f, 4.0f}, {5.0f, 6.0f}}, {0.5f, -0.5f}}}};
constexpr one::parameters one_parameters = {{{{{2.0f}, {3.0f}}, {1.0f}}}};
constexpr kaon::constant_model<two, two_parameters> model{};

template <class Model, class = void>
constexpr bool is_taken = false;
template <class Model>
constexpr bool is_taken<Model, std::void_t<decltype(kaon::on_columns(std::declval<Model>()))>> = true;

}  // namespace

TEST_CASE("columns go in by position, an array comes out") {
    constexpr auto scores = kaon::on_columns(model);
    static_assert(
        std::is_same_v<decltype(&decltype(scores)::operator()),
                       std::array<float, 2> (std::remove_const_t<decltype(scores)>::*)(float, float, float) const>);
    const auto y = scores(1.0f, 10.0f, 100.0f);
    CHECK(y[0] == 531.5f);
    CHECK(y[1] == 641.5f);
}

TEST_CASE("columns of another type") {
    const auto scores = kaon::on_columns<double>(model);
    CHECK(scores(1.0, 10.0, 100.0)[1] == 641.5f);
}

TEST_CASE("one output is a number; a model with its numbers at run time") {
    const kaon::model<one> loaded(one_parameters);
    const auto score = kaon::on_columns(loaded);
    static_assert(std::is_same_v<decltype(score(0.0f, 0.0f)), float>);
    CHECK(score(10.0f, 100.0f) == 321.0f);
}

TEST_CASE("a model that ends before the call is refused") {
    static_assert(is_taken<const kaon::model<one>&>);
    static_assert(!is_taken<kaon::model<one>>);
}
