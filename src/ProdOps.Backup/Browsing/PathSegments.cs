using ProdOps.Backup.Selection;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Browsing;

/// <summary>The names that a path consists of.</summary>
internal static class PathSegments
{
    public static string[] Split(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    public static bool IsWild(string segment) => segment.AsSpan().ContainsAny(@"*?[\");

    /// <summary>One name of a path that may hold wildcards.</summary>
    internal sealed class Matcher
    {
        private readonly GlobPart? _glob;

        /// <exception cref="ProdOpsException"><c>PatternInvalid</c></exception>
        public Matcher(string segment, bool literal)
        {
            byte[] bytes = FileNames.Encode(segment);
            if (literal || !IsWild(segment)) Literal = bytes;
            else _glob = GlobPart.TryParse(bytes) ?? throw BackupErrors.PatternInvalid(segment);
        }

        /// <summary>The name's bytes, or <see langword="null"/> if it is a pattern.</summary>
        public byte[]? Literal { get; }

        public bool Matches(ReadOnlySpan<byte> name) => _glob?.Matches(name) ?? name.SequenceEqual(Literal);
    }
}
