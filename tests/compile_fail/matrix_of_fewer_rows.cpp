// expect: layer_error<.*argument_number<(\(.*\))?1.*expects_rows<(\(.*\))?8.*matrix_row_count<(\(.*\))?7
#include <kaon/batch/eigen.hpp>
#include <kaon/kaon.hpp>
using network = kaon::network<kaon::input<float, 5>, kaon::dense<3>, kaon::softmax>;
void run(const kaon::model<network>& model) {
    Eigen::Matrix<float, 8, 5, Eigen::RowMajor> x; Eigen::Matrix<float, 7, 3, Eigen::RowMajor> y; model(x, y);
}
