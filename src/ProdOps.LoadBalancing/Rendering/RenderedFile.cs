using System.Security.Cryptography;
using System.Text;

namespace ProdOps.LoadBalancing.Rendering;

/// <summary>A file as it is to be on a balancer.</summary>
/// <param name="Path">Its full path there.</param>
/// <param name="Text">All of it.</param>
/// <param name="IsExecutable">True for a script.</param>
internal sealed record RenderedFile(string Path, string Text, bool IsExecutable = false)
{
    /// <summary>What the first line of each rendered file says, after what begins a comment. A file without it is not ours.</summary>
    public const string Marker = "Written by ProdOps: Publish-LoadBalancer writes this file anew, so change the environment's file instead.";

    /// <summary>What stands for the revision until it is known: it follows from what is written.</summary>
    public const string RevisionPlaceholder = "@revision@";

    /// <summary>True for a file that ProdOps wrote: the marker stands in its first lines (a script's first line is another one).</summary>
    public static bool IsOurs(string text) => text.Split('\n', 4).Take(3).Any(line => line.EndsWith(Marker, StringComparison.Ordinal));

    /// <summary>The revision that a file says it is; <see langword="null"/> for one that is not ours.</summary>
    public static string? RevisionOf(string text) =>
        IsOurs(text) && text.Split('\n', 6).FirstOrDefault(line => line.StartsWith("# Revision ", StringComparison.Ordinal)) is { } line && line.Split(' ') is [_, _, { Length: 8 } revision, ..] ? revision : null;

    /// <summary>Whether it says anything else than a text does, apart from the revision that each says it is.</summary>
    /// <param name="former">The text; <see langword="null"/> for none.</param>
    public bool Differs(string? former) => former is null || WithoutRevision(former) != WithoutRevision(Text);

    private static string WithoutRevision(string text) => RevisionOf(text) is { } revision ? text.Replace($"# Revision {revision} ", "", StringComparison.Ordinal) : text;

    /// <summary>The files with their revision: eight digits of a hash of the first, the balancer's configuration, which is the same on all balancers of an entry.</summary>
    public static (IReadOnlyList<RenderedFile> Files, string Revision) Stamp(IReadOnlyList<RenderedFile> files)
    {
        string revision = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(files[0].Text)))[..8];
        return ([.. files.Select(file => file with { Text = file.Text.Replace(RevisionPlaceholder, revision, StringComparison.Ordinal) })], revision);
    }
}
