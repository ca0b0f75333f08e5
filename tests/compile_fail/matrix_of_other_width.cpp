// expect: layer_error<.*argument_number<(\(.*\))?0.*expects_columns<(\(.*\))?5.*matrix_columns<(\(.*\))?4
#include <kaon/batch/eigen.hpp>
#include <kaon/kaon.hpp>
using network = kaon::network<kaon::input<float, 5>, kaon::dense<3>, kaon::softmax>;
void run(const kaon::model<network>& model) {
    Eigen::Matrix<float, 8, 4, Eigen::RowMajor> x; Eigen::MatrixXf y(8, 3); model(x, y);
}
