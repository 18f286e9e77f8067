# dlpack_numpy.py: what NumPy makes of our tensors and we of its. Exit: 0 right, 1 wrong, 77 no NumPy.
import ctypes
import sys

try:
    import numpy
    numpy.from_dlpack
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


ours = numpy.from_dlpack(Exported())
assert ours.shape == (2, 3) and ours.dtype == numpy.float64, (ours.shape, ours.dtype)
assert ours.tolist() == [[1, 2, 3], [4, 5, 6]], ours
assert probe.probe_released() == 0
del ours
assert probe.probe_released() == 1

theirs = numpy.arange(12, dtype=numpy.float64).reshape(3, 4)
assert total(theirs) == 66
assert total(theirs.T) == 66
assert total(theirs[:, ::2]) == 30
assert total(theirs.astype(numpy.float64).reshape(12, 1)) == 66
assert total(numpy.arange(3.0)) == -1
print("numpy", numpy.__version__)
