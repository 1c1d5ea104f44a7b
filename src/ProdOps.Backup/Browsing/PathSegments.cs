using ProdOps.Backup.FileSystem;

namespace ProdOps.Backup.Browsing;

/// <summary>The names that a path consists of.</summary>
internal static class PathSegments
{
    public static string[] Split(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>One name of a path that may hold wildcards.</summary>
    internal sealed class Matcher
    {
        private readonly Glob? _glob;

        public Matcher(string segment, bool literal)
        {
            if (!literal && Glob.IsWild(segment)) _glob = Glob.Parse(segment);
            else Literal = FileNames.Encode(segment);
        }

        /// <summary>The name's bytes, or <see langword="null"/> if it is a pattern.</summary>
        public byte[]? Literal { get; }

        public bool Matches(ReadOnlySpan<byte> name) => _glob?.Matches(FileNames.Decode(name)) ?? name.SequenceEqual(Literal);
    }
}
