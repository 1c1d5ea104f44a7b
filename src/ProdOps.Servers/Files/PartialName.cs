using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ProdOps.Servers.Files;

/// <summary>
/// The name of a file that is not complete yet. It stands for its source: the path, the size and the time. So a later copy of the very same
/// file finds what an earlier one has brought, and a copy of anything else does not.
/// </summary>
internal static class PartialName
{
    /// <param name="source">The source's path, with the server's name if it is on one.</param>
    /// <param name="item">The source.</param>
    /// <param name="name">The name the file is to have in its folder.</param>
    public static string Of(string source, TreeItem item, string name)
    {
        string identity = string.Create(CultureInfo.InvariantCulture, $"{source}\0{item.Size}\0{item.Modified.Seconds}\0{item.Modified.Nanoseconds}\0{name}");
        return CopyNames.Staging + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 8));
    }
}
