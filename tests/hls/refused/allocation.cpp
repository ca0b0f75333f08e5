// refused: allocation in line 3, top
extern "C" int top(int n) {
    int* values = new int[static_cast<unsigned>(n)];
    for (int i = 0; i < n; ++i) values[i] = i * n;
    const int last = values[n / 2];
    delete[] values;
    return last;
}
