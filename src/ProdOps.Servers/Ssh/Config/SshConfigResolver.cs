using System.Net;
using System.Net.Sockets;

namespace ProdOps.Servers.Ssh.Config;

/// <summary>Looks up a host in ssh_config: what was given first, then the user's file, then the system's, then OpenSSH's defaults.</summary>
internal static class SshConfigResolver
{
    private const int MaximumHops = 16;
    private static readonly string[] DefaultIdentities = ["id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk"];

    /// <summary>The way to a host: the servers to go through, first to last, and the host itself as the last.</summary>
    /// <remarks>
    /// As with OpenSSH, a server on the way is looked up by itself and has nothing of the target's settings; where its own entry
    /// leads through others, that holds for the first server only, since the next ones are reached from there.
    /// </remarks>
    public static IReadOnlyList<SshHostSettings> ResolveRoute(SshConfigRequest request, SshConfigEnvironment environment)
    {
        var route = new List<SshHostSettings>();
        var next = request;
        while (true)
        {
            var target = Resolve(next, environment);
            var hops = target.ProxyJump;
            if (hops is [.., var last] && last.Host == target.HostName && (last.Port ?? 22) == target.Port && (last.User ?? target.User) == target.User) throw ServersErrors.SshJumpLoop(request.Host);
            route.Insert(0, target);
            for (int i = hops.Count - 1; i > 0; i--) route.Insert(0, Resolve(Request(hops[i], request) with { ProxyJump = "none" }, environment));
            if (hops.Count == 0) return route;
            if (route.Count > MaximumHops) throw ServersErrors.SshJumpLoop(request.Host);
            next = Request(hops[0], request);
        }
    }

    /// <summary>A host's settings.</summary>
    /// <exception cref="ProdOpsException">The configuration is wrong, cannot be read, or others may write to it.</exception>
    public static SshHostSettings Resolve(SshConfigRequest request, SshConfigEnvironment environment)
    {
        var state = new SshConfigState(request, environment);
        SetGiven(state);
        ReadFiles(state);
        string hostName = HostName(state);
        bool canonicalize = state.Word("canonicalizehostname") is { } word && !Is(word, "no", "false");
        if (canonicalize) state.Warn($"{state.Values["canonicalizehostname"].Origin}: CanonicalizeHostname is not followed: '{hostName}' is used as it is.");
        if (state.WantsFinalPass || canonicalize)
        {
            state.Replace("hostname", hostName);
            state.Host = hostName;
            state.FinalPass = true;
            ReadFiles(state);
        }

        return Build(state, hostName);
    }

    private static SshConfigRequest Request(SshJumpHost hop, SshConfigRequest origin) => new(hop.Host) { User = hop.User, Port = hop.Port, ConfigFile = origin.ConfigFile, ConnectTimeout = origin.ConnectTimeout };

    private static void SetGiven(SshConfigState state)
    {
        var request = state.Request;
        void Set(string keyword, string? word)
        {
            if (word is not null) state.Set(keyword, [word], SshConfigOrigin.Given);
        }

        Set("hostname", request.HostName?.Replace("%", "%%", StringComparison.Ordinal));
        Set("user", request.User);
        Set("port", request.Port?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (request.ProxyJump is { } jump)
        {
            if (SshJumpHost.ParseList(jump) is null) throw ServersErrors.SshJumpInvalid(request.Host, jump);
            Set("proxyjump", jump);
        }

        if (request.UserKnownHostsFiles.Count > 0) state.Set("userknownhostsfile", request.UserKnownHostsFiles, SshConfigOrigin.Given);
        foreach (string file in request.IdentityFiles) SshConfigState.Accumulate(state.IdentityFiles, file, given: true, SshConfigOrigin.Given);
    }

    private static void ReadFiles(SshConfigState state)
    {
        var reader = new SshConfigReader(state);
        if (state.Request.ConfigFile is not { } file)
        {
            reader.Read(state.Environment.UserFile, userFile: true, checkOwner: true);
            reader.Read(state.Environment.SystemFile, userFile: false, checkOwner: false);
        }
        else if (!SshValue.IsNone(file))
        {
            string path = SshTokens.ExpandTilde(file, file, state.Environment);
            if (!reader.Read(path, userFile: true, checkOwner: false)) throw ServersErrors.SshConfigNotFound(path);
        }
    }

    /// <summary>The name to connect to. Names are lower case from here on, addresses in their usual form.</summary>
    private static string HostName(SshConfigState state)
    {
        string name = state.Values.TryGetValue("hostname", out var value) ? SshTokens.ExpandHostName(value.Word, state.Request.Host, value.Origin.ToString()) : state.Request.Host;
        return !name.Contains('%') && IPAddress.TryParse(name, out var address) ? address.ToString() : SshPattern.AsciiLower(name);
    }

    private static SshHostSettings Build(SshConfigState state, string hostName)
    {
        int port = SshValue.Port(state.Word("port") ?? "22") ?? 22;
        string user = state.Word("user") ?? state.Environment.LocalUser;
        var jump = Jump(state, hostName, port, user);
        string? alias = state.Word("hostkeyalias") is { } given ? SshPattern.AsciiLower(given) : null;
        var tokens = new SshTokens(state.Environment, hostName, state.Request.Host, port, user, alias ?? state.Request.Host, jump is [.., var nearest] ? nearest.Host : "");
        user = ExpandUser(state, tokens, user);
        tokens = tokens with { RemoteUser = user };
        if (state.Word("knownhostscommand") is { } command && !SshValue.IsNone(command)) state.Warn($"{state.Values["knownhostscommand"].Origin}: KnownHostsCommand is not run.");
        if (state.Word("bindinterface") is not null) state.Warn($"{state.Values["bindinterface"].Origin}: BindInterface is not followed.");
        if (state.Word("bindaddress") is not null) state.Warn($"{state.Values["bindaddress"].Origin}: BindAddress is not followed.");
        if (state.Word("addressfamily") is { } only && !Is(only, "any")) state.Warn($"{state.Values["addressfamily"].Origin}: AddressFamily is not followed.");
        return new()
        {
            OriginalHost = state.Request.Host,
            HostName = hostName,
            Port = port,
            User = user,
            AddressFamily = state.Word("addressfamily") is { } family ? Family(family) : AddressFamily.Unspecified,
            BindAddress = state.Word("bindaddress"),
            IdentityFiles = IdentityFiles(state, tokens),
            CertificateFiles = [.. state.CertificateFiles.Select(file => tokens.ExpandPath(file.Path, file.Origin.ToString()))],
            IdentitiesOnly = Flag(state, "identitiesonly", false),
            IdentityAgent = Agent(state, tokens),
            ProxyJump = jump,
            ProxyCommand = state.Word("proxycommand") is { } proxy && !SshValue.IsNone(proxy) ? proxy : null,
            UserKnownHostsFiles = KnownHostsFiles(state, "userknownhostsfile", tokens, ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"]),
            GlobalKnownHostsFiles = KnownHostsFiles(state, "globalknownhostsfile", tokens, [SystemFile(state, "ssh_known_hosts"), SystemFile(state, "ssh_known_hosts2")]),
            RevokedHostKeys = state.Word("revokedhostkeys") is { } revoked && !SshValue.IsNone(revoked) ? tokens.ExpandPath(revoked, state.Values["revokedhostkeys"].Origin.ToString()) : null,
            StrictHostKeyChecking = Policy(state),
            HostKeyAlias = alias,
            HashKnownHosts = Flag(state, "hashknownhosts", false),
            HostKeyAlgorithms = Algorithms(state, "hostkeyalgorithms"),
            KexAlgorithms = Algorithms(state, "kexalgorithms"),
            Ciphers = Algorithms(state, "ciphers"),
            Macs = Algorithms(state, "macs"),
            PubkeyAcceptedAlgorithms = Algorithms(state, "pubkeyacceptedalgorithms"),
            CASignatureAlgorithms = Algorithms(state, "casignaturealgorithms"),
            RequiredRSASize = Math.Max(1024, Number(state, "requiredrsasize", 1024)),
            ConnectTimeout = state.Request.ConnectTimeout ?? (state.Word("connecttimeout") is { } time ? TimeSpan.FromSeconds(SshValue.Seconds(time) ?? 0) : null),
            ServerAliveInterval = TimeSpan.FromSeconds(state.Word("serveraliveinterval") is { } interval ? SshValue.Seconds(interval) ?? 0 : 0),
            ServerAliveCountMax = Number(state, "serveralivecountmax", 3),
            ConnectionAttempts = Number(state, "connectionattempts", 1),
            PreferredAuthentications = state.Word("preferredauthentications") is { } methods ? methods.Split(',', StringSplitOptions.RemoveEmptyEntries) : SshHostSettings.DefaultAuthentications,
            PubkeyAuthentication = !(state.Word("pubkeyauthentication") is { } publicKey && Is(publicKey, "no", "false")),
            PasswordAuthentication = Flag(state, "passwordauthentication", true),
            KbdInteractiveAuthentication = Flag(state, "kbdinteractiveauthentication", true),
            NumberOfPasswordPrompts = Number(state, "numberofpasswordprompts", 3),
            BatchMode = Flag(state, "batchmode", false),
            Origins = Origins(state),
            Notes = state.Notes,
            Warnings = state.Warnings,
        };
    }

    private static IReadOnlyList<SshJumpHost> Jump(SshConfigState state, string hostName, int port, string user)
    {
        if (!state.Values.TryGetValue("proxyjump", out var value)) return [];
        string text = value.Word;
        if (text.Contains('%'))
        {
            var tokens = new SshTokens(state.Environment, hostName, state.Request.Host, port, user, "", "");
            text = tokens.Expand(text, value.Origin.ToString());
        }

        return SshJumpHost.ParseList(text) ?? throw ServersErrors.SshJumpInvalid(state.Request.Host, text);
    }

    /// <summary>OpenSSH expands a user's name of a configuration, not one that was given.</summary>
    private static string ExpandUser(SshConfigState state, SshTokens tokens, string user) =>
        state.Values.TryGetValue("user", out var value) && value.Origin != SshConfigOrigin.Given ? tokens.Expand(user, value.Origin.ToString()) : user;

    private static IReadOnlyList<SshIdentityFile> IdentityFiles(SshConfigState state, SshTokens tokens) => state.IdentityFiles.Count == 0
        ? [.. DefaultIdentities.Select(name => new SshIdentityFile($"{state.Environment.Home}/.ssh/{name}", Given: false))]
        : [.. state.IdentityFiles.Where(file => !SshValue.IsNone(file.Path)).Select(file => new SshIdentityFile(tokens.ExpandPath(file.Path, file.Origin.ToString()), file.Given))];

    /// <summary>The agent's socket: what IdentityAgent says (ssh.c), else the environment.</summary>
    private static string? Agent(SshConfigState state, SshTokens tokens)
    {
        const string variable = "SSH_AUTH_SOCK";
        string? fromEnvironment = state.Environment.Variable(variable) is { Length: > 0 } socket ? socket : OperatingSystem.IsWindows() ? @"\\.\pipe\openssh-ssh-agent" : null;
        if (!state.Values.TryGetValue("identityagent", out var value) || value.Word == variable) return fromEnvironment;
        if (value.Word == "none") return null;
        string text = tokens.ExpandPath(value.Word, value.Origin.ToString());
        if (text is ['$', not '{', ..]) return state.Environment.Variable(text[1..]) is { Length: > 0 } named ? named : null;
        return text == "none" ? null : text;
    }

    private static IReadOnlyList<string> KnownHostsFiles(SshConfigState state, string keyword, SshTokens tokens, IReadOnlyList<string> defaults)
    {
        var (files, where) = state.Values.TryGetValue(keyword, out var value) ? (value.Words, value.Origin.ToString()) : (defaults, "default");
        if (files is [var only] && SshValue.IsNone(only)) return [];
        return [.. files.Select(file => keyword == "userknownhostsfile" ? tokens.ExpandPath(file, where) : SshTokens.ExpandTilde(file, where, state.Environment))];
    }

    private static string SystemFile(SshConfigState state, string name) => $"{Path.GetDirectoryName(state.Environment.SystemFile)}/{name}";

    private static SshHostKeyPolicy Policy(SshConfigState state)
    {
        if (state.Word("stricthostkeychecking") is not { } word) return SshHostKeyPolicy.Strict;
        if (Is(word, "no", "off", "false"))
        {
            state.Note($"{state.Values["stricthostkeychecking"].Origin}: StrictHostKeyChecking {word} is taken as accept-new: a changed key is never accepted");
            return SshHostKeyPolicy.AcceptNew;
        }

        return Is(word, "accept-new") ? SshHostKeyPolicy.AcceptNew : SshHostKeyPolicy.Strict;
    }

    private static Dictionary<string, SshConfigOrigin> Origins(SshConfigState state)
    {
        var origins = state.Values.ToDictionary(entry => entry.Key, entry => entry.Value.Origin);
        if (state.IdentityFiles is [var key, ..]) origins["identityfile"] = key.Origin;
        if (state.CertificateFiles is [var certificate, ..]) origins["certificatefile"] = certificate.Origin;
        return origins;
    }

    private static AlgorithmSpec? Algorithms(SshConfigState state, string keyword) =>
        state.Values.TryGetValue(keyword, out var value) ? new(value.Word, value.Origin) : null;

    private static bool Flag(SshConfigState state, string keyword, bool otherwise) => state.Word(keyword) is { } word ? SshValue.IsYes(word) : otherwise;

    private static int Number(SshConfigState state, string keyword, int otherwise) => state.Word(keyword) is { } word ? SshValue.Number(word) ?? otherwise : otherwise;

    private static AddressFamily Family(string word) => Is(word, "inet") ? AddressFamily.InterNetwork : Is(word, "inet6") ? AddressFamily.InterNetworkV6 : AddressFamily.Unspecified;

    private static bool Is(string word, params ReadOnlySpan<string> words)
    {
        foreach (string candidate in words)
        {
            if (word.Equals(candidate, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }
}
