using System.Runtime.InteropServices;

namespace ProdOps.Servers.FileSystem.Unix;

/// <summary>Linux's error numbers (errno(3); the first 133 are the same on every processor that <see cref="LibC"/> supports).</summary>
internal static class Errno
{
    public const int NotPermitted = 1, NoEntry = 2, Interrupted = 4, AccessDenied = 13, Exists = 17, CrossDevice = 18, NotDirectory = 20, IsDirectory = 21;
    public const int InvalidArgument = 22, Range = 34, NameTooLong = 36, NoSystemCall = 38, NotEmpty = 39, Loop = 40, NoData = 61, NotSupported = 95;

    private static readonly Dictionary<int, string> Names = new()
    {
        [1] = "EPERM", [2] = "ENOENT", [3] = "ESRCH", [4] = "EINTR", [5] = "EIO", [6] = "ENXIO", [7] = "E2BIG", [9] = "EBADF", [11] = "EAGAIN",
        [12] = "ENOMEM", [13] = "EACCES", [14] = "EFAULT", [15] = "ENOTBLK", [16] = "EBUSY", [17] = "EEXIST", [18] = "EXDEV", [19] = "ENODEV",
        [20] = "ENOTDIR", [21] = "EISDIR", [22] = "EINVAL", [23] = "ENFILE", [24] = "EMFILE", [25] = "ENOTTY", [26] = "ETXTBSY", [27] = "EFBIG",
        [28] = "ENOSPC", [29] = "ESPIPE", [30] = "EROFS", [31] = "EMLINK", [32] = "EPIPE", [34] = "ERANGE", [35] = "EDEADLK", [36] = "ENAMETOOLONG",
        [37] = "ENOLCK", [38] = "ENOSYS", [39] = "ENOTEMPTY", [40] = "ELOOP", [61] = "ENODATA", [62] = "ETIME", [71] = "EPROTO", [74] = "EBADMSG",
        [75] = "EOVERFLOW", [84] = "EILSEQ", [95] = "EOPNOTSUPP", [103] = "ECONNABORTED", [104] = "ECONNRESET", [107] = "ENOTCONN",
        [110] = "ETIMEDOUT", [111] = "ECONNREFUSED", [112] = "EHOSTDOWN", [113] = "EHOSTUNREACH", [116] = "ESTALE", [117] = "EUCLEAN",
        [121] = "EREMOTEIO", [122] = "EDQUOT", [123] = "ENOMEDIUM", [124] = "EMEDIUMTYPE", [126] = "ENOKEY", [127] = "EKEYEXPIRED", [129] = "EKEYREJECTED",
    };

    public static string NameOf(int error) => Names.TryGetValue(error, out string? name) ? name : $"errno {error}";

    /// <summary>The error of the call that has just failed on this thread.</summary>
    public static FileSystemException LastException(string operation, ReadOnlySpan<byte> path) => Exception(operation, path, LibC.LastError);

    public static FileSystemException Exception(string operation, ReadOnlySpan<byte> path, int error)
    {
        string reason = error switch
        {
            Loop when operation.StartsWith("open", StringComparison.Ordinal) => "it is a symbolic link, which is not followed",
            _ => Marshal.GetPInvokeErrorMessage(error) is { Length: > 1 } text ? char.ToLowerInvariant(text[0]) + text[1..] : $"error {error}",
        };
        return new FileSystemException(operation, FileNames.Decode(path), NameOf(error), reason);
    }
}
