using System.Net;

namespace ProdOps.Servers.Ssh.Config;

/// <summary>The criteria of a Match line (readconf.c, match_cfg_line). Commands of <c>exec</c> are never run.</summary>
internal sealed class SshMatch(SshConfigState state, SshConfigOrigin origin)
{
    /// <summary>Whether all criteria hold.</summary>
    /// <exception cref="ProdOpsException">The line is wrong.</exception>
    public bool Evaluate(IReadOnlyList<string> words)
    {
        bool result = true;
        int criteria = 0;
        for (int i = 0; i < words.Count;)
        {
            string word = words[i++];
            bool negated = word is ['!', ..];
            string name = negated ? word[1..] : word;
            if (Is(name, "all"))
            {
                if (criteria > 0 || i < words.Count) throw Wrong("'all' cannot be combined with other criteria");
                return result && !negated;
            }

            criteria++;
            if (Is(name, "final") || Is(name, "canonical"))
            {
                if (Is(name, "final") && !negated) state.WantsFinalPass = true;
                result &= state.FinalPass != negated;
                continue;
            }

            string argument = Argument(ref name, words, ref i);
            result &= Holds(name, argument, soFar: result, negated) != negated;
        }

        return criteria > 0 ? result : throw Wrong("'Match' has no criteria");
    }

    /// <summary>A criterion's argument: <c>host=a</c>, <c>host a</c> or <c>host = a</c>.</summary>
    private string Argument(ref string name, IReadOnlyList<string> words, ref int i)
    {
        string criterion = name;
        string? argument = null;
        int equals = name.IndexOf('=');
        if (equals >= 0)
        {
            argument = name[(equals + 1)..];
            name = criterion = name[..equals];
        }
        else if (i < words.Count)
        {
            argument = words[i++];
            if (argument is ['=', ..]) argument = argument.Length > 1 ? argument[1..] : i < words.Count ? words[i++] : null;
        }

        bool mayBeEmpty = Is(criterion, "tagged") || Is(criterion, "command");
        return argument is null || (argument.Length == 0 && !mayBeEmpty) ? throw Wrong($"the criterion '{criterion}' has no argument") : argument;
    }

    private bool Holds(string name, string argument, bool soFar, bool negated) => SshPattern.AsciiLower(name) switch
    {
        "host" => SshPattern.MatchesHost(state.CurrentHostName(origin.ToString()), argument),
        "originalhost" => SshPattern.MatchesHost(state.Request.Host, argument),
        "user" => SshPattern.MatchesList(state.Word("user") ?? state.Environment.LocalUser, argument),
        "localuser" => SshPattern.MatchesList(state.Environment.LocalUser, argument),
        "localnetwork" => MatchesNetwork(argument),
        "tagged" => MatchesOrEmpty(state.Word("tag") ?? "", argument),
        "command" => MatchesOrEmpty("", argument),
        "sessiontype" => SshPattern.MatchesList("exec", argument),
        "version" => SshPattern.MatchesList("ProdOps", argument),
        "exec" => NotRun(argument, soFar, negated),
        _ => throw Wrong($"'{name}' is no criterion of 'Match'"),
    };

    /// <summary>A condition that is not looked at holds in neither sense: the block does not apply.</summary>
    private bool NotRun(string command, bool soFar, bool negated)
    {
        if (soFar) state.Warn($"{origin}: 'Match exec' is not run ({Shortened(command)}); the block is taken not to apply to '{state.Request.Host}'.");
        return negated;
    }

    private bool MatchesNetwork(string list)
    {
        var networks = list.Split(',').Select(part => (Negated: part is ['!', ..], Network: Parse(part.TrimStart('!')))).ToList();
        bool found = false;
        foreach (var address in state.Environment.LocalAddresses())
        {
            if (networks.Any(entry => entry.Negated && entry.Network.Contains(address))) continue;
            found |= networks.Any(entry => !entry.Negated && entry.Network.Contains(address));
        }

        return found;
    }

    private IPNetwork Parse(string text)
    {
        if (IPNetwork.TryParse(text, out var network)) return network;
        return IPAddress.TryParse(text, out var address) ? new(address, address.GetAddressBytes().Length * 8) : throw Wrong($"'{text}' is no network");
    }

    private ProdOpsException Wrong(string why) => ServersErrors.SshConfigInvalid(origin.File, origin.Line, why);

    private static bool MatchesOrEmpty(string value, string list) => value.Length == 0 ? list.Length == 0 : SshPattern.MatchesList(value, list);

    private static bool Is(string name, string criterion) => name.Equals(criterion, StringComparison.OrdinalIgnoreCase);

    private static string Shortened(string text) => text.Length <= 60 ? text : text[..57] + "...";
}
