// Batches: equal to single events for every number of rows, in every layout, without a read or a write outside of the rows; Eigen's
// matrices and containers of rows in the place of views.
#include <doctest/doctest.h>

#include <kaon/batch/containers.hpp>
#include <kaon/batch/eigen.hpp>
#include <kaon/kaon.hpp>

#include "random.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

namespace {

// One that runs with events in lanes where registers are wide, one that runs in blocks, one with two inputs and outputs.
using narrow = kaon::network<kaon::input<float, 5>, kaon::dense<6>, kaon::tanh, kaon::dense<3>, kaon::softmax>;
using wide = kaon::network<kaon::input<float, 7>, kaon::dense<64>, kaon::relu, kaon::dense<32>, kaon::sigmoid>;
struct sum;
struct both;
using two = kaon::network<
    kaon::inputs<kaon::input<float, 3>, kaon::input<float, 3>>,
    kaon::named_graph<kaon::gives<both, sum>, kaon::node<sum, kaon::add, kaon::from_input<0>, kaon::from_input<1>>,
                      kaon::node<both, kaon::chain<kaon::concat, kaon::dense<2>>, sum, kaon::from_input<1>>>>;
static_assert(kaon::detail::prepared<narrow, kaon::cpu<kaon::avx512>>::in_lanes);
static_assert(!kaon::detail::prepared<wide, kaon::cpu<kaon::avx512>>::in_lanes);
static_assert(!kaon::detail::prepared<narrow, kaon::reproducible<kaon::cpu<kaon::avx512>>>::in_lanes);

constexpr float poison = std::numeric_limits<float>::quiet_NaN();

/// Rows somewhere in poisoned memory of its own, so that a sanitizer sees any access beside it.
struct layout {
    std::size_t row_stride, column_stride;
};

template <class Net>
void check_rows(std::size_t rows, layout in, layout out) {
    constexpr std::size_t n = Net::input::size, m = Net::output::size;
    const kaon::model<Net> model(random_parameters<Net>(3));
    const auto extent = [&](layout l, std::size_t columns) {
        return rows == 0 ? 0 : (rows - 1) * l.row_stride + (columns - 1) * l.column_stride + 1;
    };
    std::vector<float> x(extent(in, n), poison), y(extent(out, m), poison);
    numbers random{unsigned(rows)};
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t i = 0; i < n; ++i) random.fill(&x[r * in.row_stride + i * in.column_stride], 1);
    }
    model(kaon::batch_view<const float>{x.data(), rows, in.row_stride, in.column_stride},
          kaon::batch_view<float>{y.data(), rows, out.row_stride, out.column_stride});
    std::vector<bool> written(y.size());
    for (std::size_t r = 0; r < rows; ++r) {
        typename Net::input event;
        for (std::size_t i = 0; i < n; ++i) event[i] = x[r * in.row_stride + i * in.column_stride];
        const auto expected = model(event);
        for (std::size_t i = 0; i < m; ++i) {
            const std::size_t at = r * out.row_stride + i * out.column_stride;
            CHECK(std::abs(y[at] - expected[i]) < 1e-6f);
            written[at] = true;
        }
    }
    for (std::size_t i = 0; i < y.size(); ++i) {
        if (!written[i]) CHECK(std::isnan(y[i]));
    }
}

template <class Net>
void check_layouts() {
    constexpr std::size_t n = Net::input::size, m = Net::output::size;
    for (std::size_t rows = 0; rows < 36; ++rows) {
        check_rows<Net>(rows, {n, 1}, {m, 1});
        check_rows<Net>(rows, {1, rows}, {1, rows});
        check_rows<Net>(rows, {n + 3, 1}, {m + 1, 1});
        check_rows<Net>(rows, {2 * n, 2}, {3, 3 * rows});
    }
}

template <class M>
M random_matrix(Eigen::Index rows, Eigen::Index columns) {
    M matrix(rows, columns);
    std::vector<float> values(static_cast<std::size_t>(rows * columns));
    numbers(17).fill(values.data(), values.size());
    for (Eigen::Index r = 0; r < rows; ++r) {
        for (Eigen::Index c = 0; c < columns; ++c) matrix(r, c) = values[static_cast<std::size_t>(r * columns + c)];
    }
    return matrix;
}

using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using column_major = Eigen::MatrixXf;

}  // namespace

TEST_CASE("batches of 0 to 35 rows in every layout: events in lanes") { check_layouts<narrow>(); }
TEST_CASE("batches of 0 to 35 rows in every layout: blocks") { check_layouts<wide>(); }

TEST_CASE("several inputs and outputs, each in a layout of its own") {
    const kaon::model<two> model(random_parameters<two>(8));
    const auto a = random_matrix<row_major>(21, 3);
    const auto b = random_matrix<column_major>(21, 3);
    row_major both(21, 2);
    column_major sums(21, 3);
    model(a, b, both, sums);
    for (Eigen::Index r = 0; r < 21; ++r) {
        const auto expected = model({{a(r, 0), a(r, 1), a(r, 2)}}, {{b(r, 0), b(r, 1), b(r, 2)}});
        for (Eigen::Index i = 0; i < 2; ++i) CHECK(std::abs(both(r, i) - kaon::get<0>(expected)[std::size_t(i)]) < 1e-6f);
        for (Eigen::Index i = 0; i < 3; ++i) CHECK(sums(r, i) == kaon::get<1>(expected)[std::size_t(i)]);
    }
}

TEST_CASE("Eigen's matrices, maps, references, blocks and transposes") {
    const kaon::model<narrow> model(random_parameters<narrow>(3));
    const auto events = random_matrix<row_major>(19, 5);
    row_major expected(19, 3);
    model(kaon::batch_view<const float>{events.data(), 19, 5}, kaon::batch_view<float>{expected.data(), 19, 3});
    const auto agrees = [&](const auto& scores) { return (scores - expected).cwiseAbs().maxCoeff() < 1e-6f; };

    row_major rows(19, 3);
    model(events, rows);
    CHECK(rows == expected);
    const column_major by_column = events;
    column_major columns(19, 3);
    model(by_column, columns);
    CHECK(agrees(columns));
    const Eigen::Matrix<float, 19, 5> fixed = events;
    Eigen::Matrix<float, 19, 3, Eigen::RowMajor> fixed_scores;
    model(fixed, fixed_scores);
    CHECK(agrees(fixed_scores));
    const row_major events_in_columns = events.transpose();
    column_major transposed(3, 19);
    model(events_in_columns.transpose(), transposed.transpose());
    CHECK(agrees(transposed.transpose()));
    column_major frame = column_major::Constant(30, 20, poison);
    frame.block(4, 2, 19, 5) = events;
    model(frame.block(4, 2, 19, 5), frame.block(7, 11, 19, 3));
    CHECK(agrees(frame.block(7, 11, 19, 3)));
    CHECK(std::isnan(frame(6, 11)));
    CHECK(std::isnan(frame(26, 13)));
    std::vector<float> memory(19 * 3);
    const Eigen::Map<const row_major> map(events.data(), 19, 5);
    model(map, Eigen::Map<row_major>(memory.data(), 19, 3));
    CHECK(agrees(Eigen::Map<row_major>(memory.data(), 19, 3)));
    Eigen::Ref<column_major> reference(columns);
    columns.setZero();
    model(Eigen::Ref<const column_major>(by_column), reference);
    CHECK(agrees(columns));
    // Every second row of a strided map.
    const Eigen::Map<const row_major, 0, Eigen::OuterStride<>> every_second(events.data(), 9, 5, Eigen::OuterStride<>(10));
    row_major nine(9, 3);
    model(every_second, nine);
    for (Eigen::Index r = 0; r < 9; ++r) CHECK((nine.row(r) - expected.row(2 * r)).cwiseAbs().maxCoeff() < 1e-6f);
}

TEST_CASE("containers of rows") {
    const kaon::model<narrow> model(random_parameters<narrow>(3));
    std::vector<std::array<float, 5>> events(23);
    numbers(4).fill(events[0].data(), 23 * 5);
    std::vector<narrow::output> scores(23);
    model(events, scores);
    for (std::size_t r = 0; r < 23; ++r) {
        narrow::input event;
        for (std::size_t i = 0; i < 5; ++i) event[i] = events[r][i];
        const auto expected = model(event);
        for (std::size_t i = 0; i < 3; ++i) CHECK(std::abs(scores[r][i] - expected[i]) < 1e-6f);
    }
    std::array<std::array<float, 3>, 2> two_scores;
    const std::array<std::array<float, 5>, 2> two_events = {events[0], events[1]};
    model(two_events, two_scores);
    CHECK(std::abs(two_scores[1][2] - scores[1][2]) < 1e-6f);
    model(std::vector<std::array<float, 5>>(), scores);  // no rows: nothing is read
}

TEST_CASE("rows that an output has beyond the events stay as they are") {
    const kaon::model<narrow> model(random_parameters<narrow>(3));
    const auto events = random_matrix<row_major>(19, 5);
    row_major scores = row_major::Constant(21, 3, poison);
    model(events, scores);
    CHECK_FALSE(scores.topRows(19).hasNaN());
    CHECK(scores.bottomRows(2).array().isNaN().all());
}

#ifndef NDEBUG
TEST_CASE("matrices of other sizes than the call needs are asserted") {
    const kaon::model<narrow> model(random_parameters<narrow>(3));
    const auto asserted = [&](Eigen::Index rows, Eigen::Index columns) {
        const pid_t child = fork();
        if (child == 0) {
            signal(SIGABRT, SIG_DFL);
            std::fclose(stderr);
            column_major scores(rows, columns);
            model(random_matrix<row_major>(19, 5), scores);
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    };
    CHECK_FALSE(asserted(19, 3));
    CHECK(asserted(18, 3));
    CHECK(asserted(19, 4));
}
#endif

TEST_CASE("events in lanes of doubles") {
    using net = kaon::network<kaon::input<double, 3>, kaon::dense<2>, kaon::tanh, kaon::dense<1>>;
    static_assert(kaon::detail::prepared<net, kaon::cpu<kaon::avx512>>::in_lanes);
    net::parameters p;
    numbers(2).fill(reinterpret_cast<double*>(&p), sizeof p / sizeof(double));
    const kaon::model<net> model(p);
    double x[11][3], y[11];
    numbers(3).fill(&x[0][0], 33);
    model(kaon::batch_view<const double>{&x[0][0], 11, 3}, kaon::batch_view<double>{y, 11, 1});
    for (std::size_t r = 0; r < 11; ++r) CHECK(std::abs(y[r] - model({{x[r][0], x[r][1], x[r][2]}})[0]) < 1e-15);
}

TEST_CASE("threads share a model and split a batch") {
    const kaon::model<wide> model(random_parameters<wide>(3));
    constexpr std::size_t rows = 1001, n = wide::input::size, m = wide::output::size;
    std::vector<float> x(rows * n), y(rows * m), expected(rows * m);
    numbers(1).fill(x.data(), x.size());
    model(kaon::batch_view<const float>{x.data(), rows, n}, kaon::batch_view<float>{expected.data(), rows, m});
    std::vector<std::thread> threads;
    constexpr std::size_t parts = 4;
    for (std::size_t part = 0; part < parts; ++part) {
        threads.emplace_back([&, part] {
            const std::size_t first = rows * part / parts, last = rows * (part + 1) / parts;
            model(kaon::batch_view<const float>{&x[first * n], last - first, n},
                  kaon::batch_view<float>{&y[first * m], last - first, m});
        });
    }
    for (auto& thread : threads) thread.join();
    for (std::size_t i = 0; i < y.size(); ++i) CHECK(std::abs(y[i] - expected[i]) < 1e-6f);
}
