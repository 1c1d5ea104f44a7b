namespace ProdOps.Servers.Ssh.Config;

/// <summary>Reads ssh_config files for one host as readconf.c does: every line is checked, those of blocks that apply count, the first value wins.</summary>
internal sealed class SshConfigReader(SshConfigState state)
{
    private const int MaximumDepth = 16, MaximumIdentityFiles = 100, MaximumHostFiles = 32;
    private readonly SshConfigState _state = state;

    /// <summary>Reads a file, if it is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="userFile">True for the user's own: its relative includes are in <c>~/.ssh</c>.</param>
    /// <param name="checkOwner">Refuse it if others may write to it.</param>
    public bool Read(string path, bool userFile, bool checkOwner)
    {
        bool active = true;
        return Read(new(path, userFile, Depth: 0, NeverMatch: false), checkOwner, ref active);
    }

    private bool Read(Scope scope, bool checkOwner, ref bool active)
    {
        if (_state.Environment.Files.Read(scope.File, checkOwner) is not { } text) return false;
        _state.Note($"Reading {scope.File}");
        for (int i = 0; i < text.Lines.Count; i++)
        {
            var (line, problem) = text.Lines[i];
            if (problem is not null) throw ServersErrors.SshConfigInvalid(scope.File, i + 1, problem);
            if (line is not null) Apply(line, scope, new(scope.File, i + 1), ref active);
        }

        return true;
    }

    private void Apply(SshConfigLine line, Scope scope, SshConfigOrigin origin, ref bool active)
    {
        if (!SshConfigKeywords.TryFind(line.Keyword, out var kind, out var choices))
        {
            if (_state.Word("ignoreunknown") is { } patterns && SshPattern.MatchesList(line.Keyword, patterns, lowerCase: true))
            {
                _state.Note($"{origin}: passing over '{line.Keyword}'");
                return;
            }

            throw ServersErrors.SshConfigKeywordUnknown(origin.File, origin.Line, line.Keyword, SshConfigKeywords.Nearest(line.Keyword));
        }

        string keyword = SshConfigKeywords.Canonical(line.Keyword);
        switch (kind)
        {
            case SshKeywordKind.Ignored:
                return;
            case SshKeywordKind.Host:
                active = MatchesHost(line, scope, origin);
                return;
            case SshKeywordKind.Match:
                active = new SshMatch(_state, origin).Evaluate(line.Arguments) && !scope.NeverMatch;
                return;
            case SshKeywordKind.Include:
                Include(line, scope, origin, ref active);
                return;
            case SshKeywordKind.Jump:
                SetJump(line.Rest.TrimStart(' ', '\t', '\r', '\n', '='), origin, active);
                return;
            case SshKeywordKind.Command:
                SetCommand(keyword, line.Rest.TrimStart(' ', '\t', '\r', '\n', '='), origin, active);
                return;
            case SshKeywordKind.List:
                CheckList(line, origin);
                if (active) _state.Set(keyword, line.Arguments, origin);
                return;
            default:
                string word = SingleWord(line, origin);
                Check(keyword, kind, choices, word, origin);
                if (!active) return;
                if (kind == SshKeywordKind.Accumulated) Accumulate(keyword, word, scope, origin);
                else if (kind != SshKeywordKind.Time || word != "none") _state.Set(keyword, [word], origin);
                return;
        }
    }

    private bool MatchesHost(SshConfigLine line, Scope scope, SshConfigOrigin origin)
    {
        bool matches = false;
        foreach (string argument in line.Arguments)
        {
            if (argument.Length == 0) throw ServersErrors.SshConfigInvalid(origin.File, origin.Line, "'Host' has an empty pattern");
            if (scope.NeverMatch) return false;
            bool negated = argument[0] == '!';
            if (!SshPattern.Matches(_state.Host, negated ? argument.AsSpan(1) : argument)) continue;
            if (negated) return false;
            matches = true;
        }

        if (matches) _state.Note($"{origin}: applies to {_state.Host}");
        return matches;
    }

    private void Include(SshConfigLine line, Scope scope, SshConfigOrigin origin, ref bool active)
    {
        bool before = active;
        foreach (string argument in line.Arguments)
        {
            if (argument.Length == 0) throw ServersErrors.SshConfigInvalid(origin.File, origin.Line, "'Include' has an empty path");
            if (argument[0] == '~' && !scope.UserFile) throw ServersErrors.SshConfigInvalid(origin.File, origin.Line, $"a configuration for all users cannot include '{argument}'");
            string path = argument.AsSpan().ContainsAny('%', '$') ? _state.CurrentTokens(origin.ToString()).Expand(argument, origin.ToString()) : argument;
            if (path.Length > 0 && path[0] != '~' && !Path.IsPathRooted(path)) path = (scope.UserFile ? "~/.ssh/" : SystemFolder + "/") + path;
            var files = _state.Environment.Files.Glob(SshTokens.ExpandTilde(path, origin.ToString(), _state.Environment));
            if (files.Count == 0) _state.Note($"{origin}: there is no {path} to include");
            if (files.Count > 0 && scope.Depth >= MaximumDepth) throw ServersErrors.SshConfigInvalid(origin.File, origin.Line, $"files include each other more than {MaximumDepth} deep");
            foreach (string file in files)
            {
                bool inside = before;
                Read(new(file, scope.UserFile, scope.Depth + 1, scope.NeverMatch || !before), checkOwner: true, ref inside);
            }
        }
    }

    private string SystemFolder => Path.GetDirectoryName(_state.Environment.SystemFile) ?? "/etc/ssh";

    private void SetJump(string text, SshConfigOrigin origin, bool active)
    {
        if (SshJumpHost.ParseList(text) is null) throw ServersErrors.SshConfigInvalid(origin.File, origin.Line, $"'{text}' names no hosts to go through");
        if (active && !_state.Values.ContainsKey("proxycommand")) _state.Set("proxyjump", [text], origin);
    }

    private void SetCommand(string keyword, string text, SshConfigOrigin origin, bool active)
    {
        // 'ProxyJump none' keeps later ProxyJump lines from counting, and no ProxyCommand.
        bool jumps = _state.Word("proxyjump") is { } jump && SshJumpHost.ParseList(jump) is { Count: > 0 };
        if (active && (keyword != "proxycommand" || !jumps)) _state.Set(keyword, [text], origin);
    }

    private void Accumulate(string keyword, string word, Scope scope, SshConfigOrigin origin)
    {
        var list = keyword == "identityfile" ? _state.IdentityFiles : _state.CertificateFiles;
        if (list.Count >= MaximumIdentityFiles) throw ServersErrors.SshConfigInvalid(origin.File, origin.Line, $"there are more than {MaximumIdentityFiles} lines with '{keyword}'");
        SshConfigState.Accumulate(list, word, scope.UserFile, origin);
    }

    private static string SingleWord(SshConfigLine line, SshConfigOrigin origin) => line.Arguments switch
    {
        [] or ["", ..] => throw ServersErrors.SshConfigInvalid(origin.File, origin.Line, $"the keyword '{line.Keyword}' has no argument"),
        [var word] => word,
        _ => throw ServersErrors.SshConfigInvalid(origin.File, origin.Line, $"the keyword '{line.Keyword}' has more than one argument"),
    };

    private static void CheckList(SshConfigLine line, SshConfigOrigin origin)
    {
        string? why = line.Arguments.Any(word => word.Length == 0) ? "has an empty argument"
            : line.Arguments.Count > 1 && line.Arguments.Any(SshValue.IsNone) ? "has 'none' beside other arguments"
            : line.Arguments.Count > MaximumHostFiles ? $"has more than {MaximumHostFiles} arguments" : null;
        if (why is not null) throw ServersErrors.SshConfigInvalid(origin.File, origin.Line, $"the keyword '{line.Keyword}' {why}");
    }

    private static void Check(string keyword, SshKeywordKind kind, IReadOnlyList<string> choices, string word, SshConfigOrigin origin)
    {
        string? wanted = kind switch
        {
            SshKeywordKind.Port when SshValue.Port(word) is null => "a port",
            SshKeywordKind.Number when SshValue.Number(word) is null => "a number",
            SshKeywordKind.Time when word != "none" && SshValue.Seconds(word) is null => "a time such as 90, 1m30s or none",
            SshKeywordKind.Choice when !choices.Contains(word, StringComparer.OrdinalIgnoreCase) => "one of " + string.Join(", ", choices),
            SshKeywordKind.Algorithms when word is "+" or "-" or "^" => "a list of algorithms",
            _ => null,
        };
        if (wanted is not null) throw ServersErrors.SshConfigInvalid(origin.File, origin.Line, $"'{word}' is no value for '{keyword}', which takes {wanted}");
    }

    /// <summary>The file that is being read. NeverMatch: it was included from a block that does not apply and is only checked.</summary>
    private readonly record struct Scope(string File, bool UserFile, int Depth, bool NeverMatch);
}
