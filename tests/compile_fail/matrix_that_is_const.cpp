// expect: layer_error<.*argument_number<(\(.*\))?1.*expects_writable
#include <kaon/batch/eigen.hpp>
#include <kaon/kaon.hpp>
using network = kaon::network<kaon::input<float, 5>, kaon::dense<3>, kaon::softmax>;
void run(const kaon::model<network>& model) {
    Eigen::MatrixXf x(8, 5); const Eigen::MatrixXf y(8, 3); model(x, y);
}
