// A strategy that computes on a GPU before it starts, and keeps everything that it borrowed.
#include <zomma/ext/draft/gpu.h>
#include <zomma/zomma.hpp>

#include <string>

struct gpu_borrower : zm::strategy<gpu_borrower> {
  zm_status on_activate(zm::context& ctx) {
    const zm_host* host = ctx.host();
    const auto* gpu = static_cast<const zm_gpu_api*>(host->get_ext(host, ZM_EXT_GPU));
    if (gpu == nullptr || gpu->device_count(host) == 0) {
      ctx.set_error("no GPU is lent here");
      return ZM_E_UNSUPPORTED;
    }
    zm_gpu_stream stream{};
    zm_gpu_event event{};
    zm_gpu_library library{};
    zm_gpu_kernel kernel{};
    zm_gpu_address memory{};
    double values[4] = {1, 2, 3, 4}, amount = 0.5;
    std::uint64_t count = 4;
    void* parameters[] = {&memory, &amount, &count};
    const zm_gpu_launch how{sizeof how, {1, 1, 1}, {4, 1, 1}, 0, parameters};
    zm_status status = gpu->open_stream(host, 0, 0, &stream);
    if (status == ZM_OK) status = gpu->open_event(host, 0, &event);
    if (status == ZM_OK) status = gpu->open_library(host, 0, "ZOMMA FAKE KERNELS", &library);
    if (status == ZM_OK) status = gpu->find_kernel(host, library, "zomma_test_add", &kernel);
    if (status == ZM_OK) status = gpu->allocate(host, 0, sizeof values, &memory);
    if (status == ZM_OK) status = gpu->upload(host, stream, memory, values, sizeof values);
    if (status == ZM_OK) status = gpu->launch(host, kernel, stream, &how);
    if (status == ZM_OK) status = gpu->download(host, stream, values, memory, sizeof values);
    if (status == ZM_OK) status = gpu->synchronize(host, stream);
    if (status != ZM_OK) return status;
    if (values[0] + values[1] + values[2] + values[3] == 12) return ZM_OK;
    ctx.set_error("the device added wrongly");
    return ZM_E_FAILED;
  }
};

ZOMMA_STRATEGY(gpu_borrower, "test.gpu_borrower", "1.0.0", 1)
