# dlpack_python.py PROBE numpy|torch: what NumPy or PyTorch makes of our tensors and we of its.
# Exit: 0 right, 1 wrong, 77 there is no such library here.
import ctypes
import importlib
import sys

try:
    library = importlib.import_module(sys.argv[2])
    library.from_dlpack
except (ImportError, AttributeError):
    sys.exit(77)

probe = ctypes.CDLL(sys.argv[1])
probe.probe_export.restype = ctypes.c_void_p
probe.probe_sum.restype = ctypes.c_double
probe.probe_sum.argtypes = [ctypes.c_void_p]
api = ctypes.pythonapi
api.PyCapsule_New.restype = ctypes.py_object
api.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
api.PyCapsule_GetPointer.restype = ctypes.c_void_p
api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
api.PyCapsule_SetName.argtypes = [ctypes.py_object, ctypes.c_char_p]
USED = b"used_dltensor"


class Exported:
    def __dlpack__(self, **_):
        return api.PyCapsule_New(probe.probe_export(), b"dltensor", None)

    def __dlpack_device__(self):
        return (1, 0)


def total(array):
    capsule = array.__dlpack__()
    tensor = api.PyCapsule_GetPointer(capsule, b"dltensor")
    api.PyCapsule_SetName(capsule, USED)  # it is ours now
    return probe.probe_sum(tensor)


ours = library.from_dlpack(Exported())
assert tuple(ours.shape) == (2, 3) and ours.dtype == library.float64, (ours.shape, ours.dtype)
assert ours.tolist() == [[1, 2, 3], [4, 5, 6]], ours
assert probe.probe_released() == 0
del ours
assert probe.probe_released() == 1

theirs = library.arange(12, dtype=library.float64).reshape(3, 4)
assert total(theirs) == 66
assert total(theirs.T) == 66
assert total(theirs[:, ::2]) == 30
assert total(theirs.reshape(12, 1)) == 66
assert total(library.arange(3, dtype=library.float64)) == -1  # of another rank
print(sys.argv[2], library.__version__)
