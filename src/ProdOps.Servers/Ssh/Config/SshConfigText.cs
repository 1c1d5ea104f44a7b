namespace ProdOps.Servers.Ssh.Config;

/// <summary>A configuration file, split into lines and words: the same for every host that is looked up in it.</summary>
/// <param name="Lines">For each line what it says, <see langword="null"/> for nothing, and what is wrong with it.</param>
internal sealed record SshConfigText(IReadOnlyList<(SshConfigLine? Line, string? Problem)> Lines)
{
    /// <summary>Splits a text. What is wrong with a line matters once the line is come to.</summary>
    public static SshConfigText Parse(string text) => new([.. SplitLines(text).Select(line => (SshConfigLine.Parse(line, out string? problem), problem))]);

    /// <summary>Lines end with a line feed alone; a carriage return before it is white space, which is dropped later.</summary>
    public static string[] SplitLines(string text)
    {
        var lines = text.Split('\n');
        return lines is [.., ""] ? lines[..^1] : lines;
    }
}
