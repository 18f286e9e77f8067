/* gpu.h: streams, events, graphs, kernels and memory of a GPU, lent by the host. A draft: may change in any release.
 *
 * Handles are CUDA's own, of the device's primary context, so code that links CUDA's runtime library uses them as they
 * are. Everything lent stays the host's: when the generation ends, the host waits for the queued work and takes back what
 * was not returned. Without a GPU there are no devices; do the work on the CPU then.
 *
 * Rationale: what a strategy answers must depend on its stream of events alone. So nothing here says whether work is done
 * yet: wait for a result (synchronize), then use it.
 *
 * Every call but device_count and device answers ZM_E_ARGUMENT for a handle that was not lent to this instance,
 * ZM_E_QUOTA where the instance's limit or the device's memory is used up, ZM_E_BUSY while the device is unfit for new
 * work, ZM_E_FAILED when the driver refused. After ZM_E_QUOTA and ZM_E_FAILED the instance's error says why.
 * All: [strategy, control in activate]. */
#ifndef ZOMMA_EXT_DRAFT_GPU_H
#define ZOMMA_EXT_DRAFT_GPU_H

#include <zomma/host.h>

#define ZM_EXT_GPU "zomma.draft.gpu/1"

typedef struct CUstream_st *zm_gpu_stream;   /* a CUstream, cudaStream_t */
typedef struct CUevent_st *zm_gpu_event;     /* a CUevent, cudaEvent_t */
typedef struct CUgraphExec_st *zm_gpu_graph; /* a CUgraphExec, cudaGraphExec_t */
typedef struct CUlib_st *zm_gpu_library;     /* a CUlibrary */
typedef struct CUkern_st *zm_gpu_kernel;     /* a CUkernel */
typedef uint64_t zm_gpu_address;             /* a CUdeviceptr */

typedef struct zm_gpu_device {
  uint32_t size; /* set by the caller */
  uint32_t capability_major, capability_minor;
  uint32_t multiprocessors;
  uint64_t memory_bytes;
  char name[64];
  char uuid[48]; /* "GPU-..." */
} zm_gpu_device;

typedef struct zm_gpu_launch {
  uint32_t size;
  uint32_t grid[3], block[3];
  uint32_t shared_bytes;
  void **parameters; /* one pointer a parameter; read before launch returns */
} zm_gpu_launch;

typedef struct zm_gpu_api {
  uint32_t size;
  uint32_t reserved;
  uint32_t (*device_count)(const zm_host *host);
  zm_status (*device)(const zm_host *host, uint32_t index, zm_gpu_device *out);

  /* `priority`: 0 the least, below 0 sooner; what the device does not have is rounded. */
  zm_status (*open_stream)(const zm_host *host, uint32_t device, int32_t priority, zm_gpu_stream *out);
  zm_status (*close_stream)(const zm_host *host, zm_gpu_stream stream); /* its work is waited for */
  zm_status (*synchronize)(const zm_host *host, zm_gpu_stream stream);  /* until all its work is done */

  zm_status (*open_event)(const zm_host *host, uint32_t device, zm_gpu_event *out);
  zm_status (*close_event)(const zm_host *host, zm_gpu_event event);
  zm_status (*record)(const zm_host *host, zm_gpu_event event, zm_gpu_stream stream);
  zm_status (*wait)(const zm_host *host, zm_gpu_stream stream, zm_gpu_event event); /* later work comes after the event */

  /* What is queued on the stream between the two becomes a graph instead of running. ZM_E_STATE out of order. */
  zm_status (*begin_capture)(const zm_host *host, zm_gpu_stream stream);
  zm_status (*end_capture)(const zm_host *host, zm_gpu_stream stream, zm_gpu_graph *out);
  zm_status (*launch_graph)(const zm_host *host, zm_gpu_graph graph, zm_gpu_stream stream);
  zm_status (*close_graph)(const zm_host *host, zm_gpu_graph graph);

  /* `image`: a fatbin, cubin or PTX text, valid until closed. ZM_E_UNSUPPORTED: no code for this device. */
  zm_status (*open_library)(const zm_host *host, uint32_t device, const void *image, zm_gpu_library *out);
  zm_status (*close_library)(const zm_host *host, zm_gpu_library library);
  zm_status (*find_kernel)(const zm_host *host, zm_gpu_library library, const char *name, zm_gpu_kernel *out); /* ZM_E_NOT_FOUND */
  zm_status (*launch)(const zm_host *host, zm_gpu_kernel kernel, zm_gpu_stream stream, const zm_gpu_launch *how);

  zm_status (*allocate)(const zm_host *host, uint32_t device, uint64_t bytes, zm_gpu_address *out);
  zm_status (*release)(const zm_host *host, zm_gpu_address address); /* waits for the device */
  /* Queued; `data` is read or written until the stream has got so far. ZM_E_ARGUMENT outside of what was lent. */
  zm_status (*upload)(const zm_host *host, zm_gpu_stream stream, zm_gpu_address to, const void *data, uint64_t bytes);
  zm_status (*download)(const zm_host *host, zm_gpu_stream stream, void *data, zm_gpu_address from, uint64_t bytes);

  /* Memory in stream order, without waiting: `allocate_in` for work queued on the stream from now on (other streams wait
   * for an event of it); `release_in` after the work queued on the stream so far, which is the last to use the block.
   * Either releases what either allocated. ZM_E_STATE while the stream captures. */
  zm_status (*allocate_in)(const zm_host *host, zm_gpu_stream stream, uint64_t bytes, zm_gpu_address *out);
  zm_status (*release_in)(const zm_host *host, zm_gpu_address address, zm_gpu_stream stream);
} zm_gpu_api;

#endif
