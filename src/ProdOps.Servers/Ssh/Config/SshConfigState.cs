namespace ProdOps.Servers.Ssh.Config;

/// <summary>What has been read so far, for one host.</summary>
internal sealed class SshConfigState(SshConfigRequest request, SshConfigEnvironment environment)
{
    private readonly Dictionary<string, SshConfigValue> _values = [];

    public SshConfigRequest Request { get; } = request;

    public SshConfigEnvironment Environment { get; } = environment;

    /// <summary>The name that <c>Host</c> patterns see: the given one, in the final pass the one to connect to.</summary>
    public string Host { get; set; } = request.Host;

    /// <summary>True while the files are read for the second time.</summary>
    public bool FinalPass { get; set; }

    /// <summary>Set when a <c>Match final</c> asks for a second reading.</summary>
    public bool WantsFinalPass { get; set; }

    public List<(string Path, bool Given, SshConfigOrigin Origin)> IdentityFiles { get; } = [];

    public List<(string Path, bool Given, SshConfigOrigin Origin)> CertificateFiles { get; } = [];

    public List<string> Notes { get; } = [];

    public List<string> Warnings { get; } = [];

    public IReadOnlyDictionary<string, SshConfigValue> Values => _values;

    /// <summary>Sets a keyword; the first to do so wins.</summary>
    public void Set(string keyword, IReadOnlyList<string> words, SshConfigOrigin origin) => _values.TryAdd(keyword, new(words, origin));

    /// <summary>Sets a keyword again.</summary>
    public void Replace(string keyword, string word) =>
        _values[keyword] = new([word], _values.TryGetValue(keyword, out var value) ? value.Origin : SshConfigOrigin.Given);

    public string? Word(string keyword) => _values.TryGetValue(keyword, out var value) ? value.Word : null;

    /// <summary>Adds a file to a list that every line adds to; the same one a second time is no second.</summary>
    public static void Accumulate(List<(string Path, bool Given, SshConfigOrigin Origin)> list, string path, bool given, SshConfigOrigin origin)
    {
        if (!list.Any(file => file.Path == path && file.Given == given)) list.Add((path, given, origin));
    }

    public void Note(string text)
    {
        if (!Notes.Contains(text)) Notes.Add(text);
    }

    public void Warn(string text)
    {
        if (!Warnings.Contains(text)) Warnings.Add(text);
    }

    /// <summary>The host's name as it is known by now, which <c>Match host</c> sees.</summary>
    public string CurrentHostName(string where) =>
        Word("hostname") is not { } name ? Request.Host : FinalPass ? name : SshTokens.ExpandHostName(name, Request.Host, where);

    /// <summary>The tokens as they are known by now, for Include.</summary>
    public SshTokens CurrentTokens(string where)
    {
        string host = CurrentHostName(where);
        string user = Word("user") ?? Environment.LocalUser;
        return new(Environment, host, Request.Host, SshValue.Port(Word("port") ?? "22") ?? 22, user, Word("hostkeyalias") ?? host, "");
    }
}
