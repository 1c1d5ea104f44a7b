using System.Text;

namespace ProdOps.Servers.Tests.Ssh.Config;

/// <summary>Makes up ssh_config files, most of them right, in all the ways they can be written.</summary>
internal sealed class ConfigGenerator(Random random, string folder)
{
    public static readonly string[] Hosts = ["web1", "Web2", "db.example.org", "10.0.0.7", "::1", "a-b_c"];

    private static readonly string[] Patterns = ["*", "web?", "web*", "!web1", "*.example.org", "db*", "10.0.0.*", "web1", "Web2", "!*.org", "nobody", "::*"];

    private static readonly (string Keyword, string[] Values)[] Settings =
    [
        ("HostName", ["%h.lan", "10.1.1.1", "Upper.Case", "127.1", "x%%y", "fd00::1", "web1"]),
        ("User", ["root", "ann", "two words"]),
        ("Port", ["22", "2222", "65535", "ssh", "0022"]),
        ("AddressFamily", ["any", "inet", "INET6"]),
        ("BindAddress", ["10.0.0.1", "::1"]),
        ("IdentityFile", ["~/.ssh/one", "/k/two", "/k/with space", "none", "~root/x"]),
        ("CertificateFile", ["~/c1", "/c2"]),
        ("IdentitiesOnly", ["yes", "no", "TRUE", "false"]),
        ("IdentityAgent", ["none", "SSH_AUTH_SOCK", "~/agent-%h-%r", "${SAMPLE}/a"]),
        ("ProxyJump", ["none", "a", "u@a:23,b", "ssh://u@c:24", "[fe80::1]:5,10.2.2.2", "a # comment"]),
        ("ProxyCommand", ["none", "nc %h %p", "ssh -W \"[%h]:%p\" gate # no comment"]),
        ("UserKnownHostsFile", ["~/kh", "/kh/%h /kh/%n-%p-%r-%u", "none", "/kh/${SAMPLE}", "/%L%l%i%%%d", "/kh/%k", "~/.ssh/known_hosts /b \"/c d\""]),
        ("GlobalKnownHostsFile", ["/g1", "/g1 /g2", "none"]),
        ("StrictHostKeyChecking", ["yes", "no", "ask", "off", "accept-new", "Accept-New"]),
        ("HostKeyAlias", ["alias", "UPPER"]),
        ("HashKnownHosts", ["yes", "no"]),
        ("HostKeyAlgorithms", ["ssh-ed25519", "+ssh-rsa", "-ecdsa-*", "^rsa-sha2-256", "ssh-ed25519,rsa-sha2-512", "+ssh-dss,ssh-rsa"]),
        ("KexAlgorithms", ["curve25519-sha256", "-diffie*", "^curve25519-sha256", "+diffie-hellman-group14-sha1"]),
        ("Ciphers", ["aes128-ctr", "+aes128-cbc", "-aes*", "^aes256-ctr,aes128-ctr"]),
        ("MACs", ["hmac-sha2-256", "-umac*", "^hmac-sha2-512"]),
        ("PubkeyAcceptedAlgorithms", ["+ssh-rsa", "ssh-ed25519", "-sk-*"]),
        ("PubkeyAcceptedKeyTypes", ["ssh-ed25519"]),
        ("CASignatureAlgorithms", ["+ssh-rsa", "ssh-ed25519"]),
        ("RequiredRSASize", ["2048", "1024"]),
        ("ConnectTimeout", ["5", "1m30s", "2H", "none", "1d"]),
        ("ServerAliveInterval", ["0", "15", "1m"]),
        ("ServerAliveCountMax", ["1", "10"]),
        ("ConnectionAttempts", ["2"]),
        ("PreferredAuthentications", ["publickey", "publickey,password"]),
        ("PubkeyAuthentication", ["yes", "no", "unbound"]),
        ("PasswordAuthentication", ["yes", "no"]),
        ("ChallengeResponseAuthentication", ["no"]),
        ("NumberOfPasswordPrompts", ["1"]),
        ("BatchMode", ["yes"]),
        ("ForwardAgent", ["yes"]),
        ("LogLevel", ["INFO"]),
        ("IgnoreUnknown", ["useless*,NoSuchKeyword"]),
        ("UselessLine", ["x y"]),
    ];

    private static readonly string[] Wrong =
        ["Port 0", "Port x", "NoSuchKeyword y", "HashKnownHosts maybe", "User", "User a b", "ConnectTimeout 5y", "IdentityFile \"open", "ProxyJump a,,b", "Match", "Match colour x", "UserKnownHostsFile none a", "Host \"\""];

    private int _files;

    /// <summary>A file, and those it includes.</summary>
    /// <returns>Its path.</returns>
    public string Write(int depth = 0)
    {
        var text = new StringBuilder();
        for (int lines = random.Next(4, 16); lines > 0; lines--)
        {
            switch (random.Next(14))
            {
                case 0 or 1 or 2: Line(text, "Host", string.Join(' ', Some(Patterns))); break;
                case 3: Line(text, "Match", Criteria(), mayUseEquals: false); break;
                case 4 when depth < 2: Line(text, "Include", Write(depth + 1)); break;
                case 5: text.Append("\n  # comment\n\t\n"); break;
                case 6 when random.Next(8) == 0: text.Append(Wrong[random.Next(Wrong.Length)]).Append('\n'); break;
                default: Setting(text); break;
            }
        }

        string path = Path.Combine(folder, $"{depth}-{_files++}");
        File.WriteAllText(path, text.ToString());
        return path;
    }

    private void Setting(StringBuilder text)
    {
        var (keyword, values) = Settings[random.Next(Settings.Length)];
        string value = values[random.Next(values.Length)];
        bool whole = keyword is "ProxyCommand" or "ProxyJump" or "UserKnownHostsFile" or "GlobalKnownHostsFile" or "UselessLine";
        if (!whole && (value.Contains(' ') || random.Next(6) == 0)) value = random.Next(2) == 0 ? $"\"{value}\"" : value.Replace(" ", "\\ ");
        if (!whole && random.Next(10) == 0) value += " # comment";
        Line(text, keyword, value);
    }

    private void Line(StringBuilder text, string keyword, string value, bool mayUseEquals = true)
    {
        keyword = random.Next(5) switch { 0 => keyword.ToLowerInvariant(), 1 => keyword.ToUpperInvariant(), _ => keyword };
        string separator = mayUseEquals ? random.Next(8) switch { 0 => "=", 1 => " = ", 2 => "\t", 3 => " =", _ => " " } : " ";
        text.Append(new string(' ', random.Next(3))).Append(keyword).Append(separator).Append(value).Append(random.Next(8) == 0 ? " \r\n" : "\n");
    }

    private string Criteria()
    {
        if (random.Next(6) == 0) return "all";
        string[] criteria = ["host web*,db*", "host !web1,*", "!host web1", "originalhost web1", "originalhost *.org", "user root", "user ann", "localuser *", "localuser nobody", "final", "canonical", "host=10.*"];
        return string.Join(' ', Some(criteria));
    }

    private IEnumerable<string> Some(string[] from) => Enumerable.Range(0, random.Next(1, 4)).Select(_ => from[random.Next(from.Length)]).ToList();
}
