using System.Buffers;
using System.Text;
using ProdOps.Backup.Selection;
using ProdOps.Servers.Commands;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>
/// The part of the rules that a server's find applies itself, so that it does not walk what is left out. Only patterns that mean the same to
/// find as to restic are handed on; all rules are applied here again to what the server tells.
/// </summary>
internal sealed class ListRules
{
    private static readonly SearchValues<char> Plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:@%+,=~ /");

    private ListRules(string pruneWords, IReadOnlyList<FolderTag> tags, bool oneFileSystem)
    {
        PruneWords = pruneWords;
        Tags = tags;
        OneFileSystem = oneFileSystem;
    }

    /// <summary>An expression for find that passes over what is left out, ending in <c>-o</c>; or empty.</summary>
    public string PruneWords { get; }

    /// <summary>Files that keep the rest of their folder out.</summary>
    public IReadOnlyList<FolderTag> Tags { get; }

    public bool OneFileSystem { get; }

    public static ListRules From(EntrySelection selection)
    {
        // A pattern that takes others back makes their order count, which find's expression does not know.
        var words = selection.Patterns.Any(pattern => pattern.StartsWith('!')) ? [] : selection.Patterns.Select(WordsOf).OfType<string>().ToList();
        string prune = words.Count == 0 ? "" : $"\\( {string.Join(" -o ", words)} \\) -prune -o ";
        return new ListRules(prune, selection.Tags, selection.OneFileSystem);
    }

    /// <summary>The text as a pattern that matches it alone.</summary>
    public static string Escape(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (char c in name) text.Append(c is '*' or '?' or '[' or '\\' ? $"\\{c}" : c);
        return text.ToString();
    }

    private static string? WordsOf(string pattern)
    {
        if (pattern.Length == 0 || pattern.Contains("//", StringComparison.Ordinal) || pattern.EndsWith('/')) return null;
        if (Array.Exists(pattern.Split('/'), part => part is "." or "..")) return null;
        bool isLiteral = !pattern.AsSpan().ContainsAnyExcept(Plain);
        if (isLiteral && pattern[0] == '/') return $"-path {ShellQuote.Word(pattern)}";
        if (isLiteral && pattern.Contains('/')) return $"-path {ShellQuote.Word($"*/{pattern}")}";
        // A star stays within a name, for find's -name as for restic.
        bool isOneName = !pattern.Contains('/') && !pattern.Contains("**", StringComparison.Ordinal) && !pattern.Replace("*", "", StringComparison.Ordinal).AsSpan().ContainsAnyExcept(Plain);
        return isOneName ? $"-name {ShellQuote.Word(pattern)}" : null;
    }
}
