// plugin: a converted model in a shared library. Which version of it is a matter of the include path.

#include "jets.hpp"
#include "tagger.hpp"

namespace {

class jet_tagger final : public tagger {
    using network = jets::network;

public:
    std::size_t features() const noexcept override { return network::input::size; }
    std::size_t classes() const noexcept override { return network::output::size; }
    void operator()(const float* x, std::size_t rows, float* y) const noexcept override {
        jets::model(kaon::batch_view<const float>{x, rows, features()}, kaon::batch_view<float>{y, rows, classes()});
    }
};

}  // namespace

extern "C" [[gnu::visibility("default")]] const tagger* kaon_example_tagger() {
    static const jet_tagger only;
    return &only;
}
