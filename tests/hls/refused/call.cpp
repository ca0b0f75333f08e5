// refused: call in line 12, top
namespace {

[[gnu::noinline]] int twice(int n) {
    asm("");
    return n * 2;
}

}  // namespace

#pragma HLS pipeline II = 1
extern "C" int top(int n) { return twice(n) + 1; }
