using System.Collections.Frozen;

namespace ProdOps.Servers.Ssh.Config;

/// <summary>How a keyword's arguments are read.</summary>
internal enum SshKeywordKind
{
    /// <summary>Known to OpenSSH; nothing here depends on it.</summary>
    Ignored,

    /// <summary>One word.</summary>
    Text,

    /// <summary>One of the words that stand beside it in the table.</summary>
    Choice,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A time such as <c>90</c>, <c>1m30s</c> or <c>none</c>.</summary>
    Time,

    /// <summary>A port's number.</summary>
    Port,

    /// <summary>Several words; the first line that names it gives all of them.</summary>
    List,

    /// <summary>One word a line, and every line counts.</summary>
    Accumulated,

    /// <summary>A list of algorithms that may begin with <c>+</c>, <c>-</c> or <c>^</c>.</summary>
    Algorithms,

    /// <summary>The rest of the line as it is.</summary>
    Command,

    /// <summary>Hosts to go through.</summary>
    Jump,

    /// <summary>Begins a block by host.</summary>
    Host,

    /// <summary>Begins a block by criteria.</summary>
    Match,

    /// <summary>Reads other files in its place.</summary>
    Include,
}

/// <summary>What ssh_config's keywords are called and how each is read (readconf.c).</summary>
internal static class SshConfigKeywords
{
    private static readonly string[] Flag = ["yes", "no", "true", "false"];
    private static readonly string[] StrictChoices = ["yes", "no", "true", "false", "ask", "off", "accept-new"];
    private static readonly string[] PublicKeyChoices = ["yes", "no", "true", "false", "unbound", "host-bound"];
    private static readonly string[] FamilyChoices = ["any", "inet", "inet6"];
    private static readonly string[] CanonicalChoices = ["yes", "no", "true", "false", "always"];

    private static readonly FrozenDictionary<string, string> Aliases = new Dictionary<string, string>
    {
        ["identityfile2"] = "identityfile",
        ["dsaauthentication"] = "pubkeyauthentication",
        ["challengeresponseauthentication"] = "kbdinteractiveauthentication",
        ["skeyauthentication"] = "kbdinteractiveauthentication",
        ["tisauthentication"] = "kbdinteractiveauthentication",
        ["keepalive"] = "tcpkeepalive",
        ["pubkeyacceptedkeytypes"] = "pubkeyacceptedalgorithms",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, (SshKeywordKind Kind, string[] Choices)> Known = Build();

    /// <summary>Keywords whose values are checked and then change nothing; <see cref="SshConfigResolver"/> warns of those that change where a connection goes.</summary>
    private static readonly FrozenSet<string> CheckedOnly = FrozenSet.Create(
        "addressfamily", "batchmode", "bindaddress", "bindinterface", "canonicalizehostname", "checkhostip", "compression", "connectionattempts",
        "knownhostscommand", "nohostauthenticationforlocalhost", "numberofpasswordprompts", "proxycommand", "tcpkeepalive");

    /// <summary>The keywords that are followed, in lower case.</summary>
    public static IEnumerable<string> Followed => Known.Where(entry => entry.Value.Kind != SshKeywordKind.Ignored && !CheckedOnly.Contains(entry.Key)).Select(entry => entry.Key);

    /// <summary>The keywords that are checked and not followed, in lower case.</summary>
    public static IEnumerable<string> NotFollowed => CheckedOnly;

    /// <summary>The keyword's own name where it has another.</summary>
    public static string Canonical(string keyword) => Aliases.GetValueOrDefault(keyword, keyword);

    /// <summary>How a keyword is read; false for one that OpenSSH does not know.</summary>
    public static bool TryFind(string keyword, out SshKeywordKind kind, out IReadOnlyList<string> choices)
    {
        bool found = Known.TryGetValue(Canonical(keyword), out var entry);
        (kind, choices) = (entry.Kind, entry.Choices ?? []);
        return found;
    }

    /// <summary>The known keyword that was probably meant.</summary>
    public static string? Nearest(string keyword) => Inventory.Nearest.Find(keyword, Known.Keys);

    private static FrozenDictionary<string, (SshKeywordKind, string[])> Build()
    {
        var known = new Dictionary<string, (SshKeywordKind, string[])>();
        void Add(SshKeywordKind kind, string names, string[]? choices = null)
        {
            foreach (string name in names.Split(' ')) known.Add(name, (kind, choices ?? []));
        }

        Add(SshKeywordKind.Host, "host");
        Add(SshKeywordKind.Match, "match");
        Add(SshKeywordKind.Include, "include");
        Add(SshKeywordKind.Text, "hostname user hostkeyalias bindaddress bindinterface preferredauthentications identityagent tag revokedhostkeys ignoreunknown");
        Add(SshKeywordKind.Port, "port");
        Add(SshKeywordKind.Number, "connectionattempts numberofpasswordprompts serveralivecountmax requiredrsasize");
        Add(SshKeywordKind.Time, "connecttimeout serveraliveinterval");
        Add(SshKeywordKind.Accumulated, "identityfile certificatefile");
        Add(SshKeywordKind.List, "userknownhostsfile globalknownhostsfile");
        Add(SshKeywordKind.Algorithms, "ciphers macs kexalgorithms hostkeyalgorithms pubkeyacceptedalgorithms casignaturealgorithms");
        Add(SshKeywordKind.Command, "proxycommand knownhostscommand");
        Add(SshKeywordKind.Jump, "proxyjump");
        Add(SshKeywordKind.Choice, "identitiesonly hashknownhosts passwordauthentication kbdinteractiveauthentication batchmode checkhostip tcpkeepalive compression nohostauthenticationforlocalhost", Flag);
        Add(SshKeywordKind.Choice, "stricthostkeychecking", StrictChoices);
        Add(SshKeywordKind.Choice, "pubkeyauthentication", PublicKeyChoices);
        Add(SshKeywordKind.Choice, "addressfamily", FamilyChoices);
        Add(SshKeywordKind.Choice, "canonicalizehostname", CanonicalChoices);

        // Known to OpenSSH, and about what a client of commands and files does not do: terminals, forwarding, multiplexing.
        Add(SshKeywordKind.Ignored, """
            addkeystoagent canonicaldomains canonicalizefallbacklocal canonicalizemaxdots canonicalizepermittedcnames channeltimeout clearallforwardings
            controlmaster controlpath controlpersist dynamicforward enableescapecommandline enablesshkeysign escapechar exitonforwardfailure fingerprinthash
            forkafterauthentication forwardagent forwardx11 forwardx11timeout forwardx11trusted gatewayports gssapiauthentication gssapidelegatecredentials
            hostbasedacceptedalgorithms hostbasedauthentication hostbasedkeytypes ipqos kbdinteractivedevices localcommand localforward loglevel logverbose
            obscurekeystroketiming permitlocalcommand permitremoteopen pkcs11provider proxyusefdpass refuseconnection rekeylimit remotecommand remoteforward
            requesttty securitykeyprovider sendenv sessiontype setenv smartcarddevice stdinnull streamlocalbindmask streamlocalbindunlink syslogfacility tunnel
            tunneldevice updatehostkeys verifyhostkeydns versionaddendum visualhostkey warnweakcrypto xauthlocation
            """.ReplaceLineEndings(" "));

        // No longer of use: OpenSSH reads over them.
        Add(SshKeywordKind.Ignored, """
            afstokenpassing cipher compressionlevel fallbacktorsh globalknownhostsfile2 kerberosauthentication kerberostgtpassing protocol rhostsauthentication
            rhostsrsaauthentication rsaauthentication useprivilegedport userknownhostsfile2 useroaming usersh
            """.ReplaceLineEndings(" "));

        // Patches that distributions carry (Debian, Fedora); their own ssh_config uses them.
        Add(SshKeywordKind.Ignored, """
            gssapiclientidentity gssapikexalgorithms gssapikeyexchange gssapirenewalforcesrekey gssapiserveridentity gssapitrustdns protocolkeepalives
            setuptimeout
            """.ReplaceLineEndings(" "));
        return known.ToFrozenDictionary();
    }
}
