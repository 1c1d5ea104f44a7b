using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Ssh.Wire;

namespace ProdOps.Servers.Ssh.HostKeys;

/// <summary>The text of a known_hosts file. Keys are read when a host is looked up, and only those of its lines.</summary>
internal sealed class KnownHostsText
{
    private readonly string _file;
    private readonly List<Entry> _entries = [];
    private readonly List<int> _badMarkers = [];

    private KnownHostsText(string file) => _file = file;

    /// <summary>Splits a text into lines. Nothing in it is an error: lines that are wrong are passed over, as OpenSSH does.</summary>
    public static KnownHostsText Parse(string file, string text)
    {
        var parsed = new KnownHostsText(file);
        int number = 0;
        foreach (string line in SshConfigText.SplitLines(text)) parsed.Add(line, ++number);
        return parsed;
    }

    /// <summary>The lines that are about a host.</summary>
    /// <param name="host">The host's name, with its port where that is not 22.</param>
    /// <param name="passedOver">Receives the lines that were passed over because they are damaged.</param>
    public IReadOnlyList<KnownHost> Find(string host, ICollection<string> passedOver)
    {
        var found = new List<KnownHost>();
        foreach (int line in _badMarkers) passedOver.Add($"{_file}:{line}: the marker is unknown");
        foreach (var entry in _entries)
        {
            switch (KnownHostName.Matches(entry.Hosts, host))
            {
                case null:
                    passedOver.Add($"{_file}:{entry.Line}: the host's hash is damaged");
                    break;
                case true when entry.ReadKey() is { } key:
                    found.Add(new(_file, entry.Line, entry.Marker, key));
                    break;
                case true:
                    passedOver.Add($"{_file}:{entry.Line}: the key is damaged or of an unknown type");
                    break;
            }
        }

        return found;
    }

    private void Add(string line, int number)
    {
        var rest = line.AsSpan();
        if (rest.IndexOf('\0') is var end and >= 0) rest = rest[..end];
        rest = rest.TrimStart(" \t");
        if (rest.IsEmpty || rest[0] is '#' or '\r') return;
        var marker = KnownHostMarker.None;
        if (rest[0] == '@')
        {
            // OpenSSH takes a marker with a tab behind it for an unknown one. To revoke by such a line all the same errs on the safe side.
            bool byTab = rest.IndexOfAny(' ', '\t') is var blank and >= 0 && rest[blank] == '\t' && rest.Contains(' ');
            var word = Word(ref rest);
            marker = word is "@cert-authority" ? KnownHostMarker.CertAuthority : word is "@revoked" ? KnownHostMarker.Revoked : KnownHostMarker.None;
            if (marker == KnownHostMarker.None || (byTab && marker == KnownHostMarker.CertAuthority) || rest.IsEmpty || rest[0] == '@')
            {
                _badMarkers.Add(number);
                return;
            }
        }

        string hosts = Word(ref rest).ToString();
        _entries.Add(new(number, marker, hosts, rest.ToString()));
    }

    private static ReadOnlySpan<char> Word(ref ReadOnlySpan<char> rest)
    {
        int end = rest.IndexOfAny(' ', '\t');
        var word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[end..].TrimStart(" \t");
        return word;
    }

    private sealed record Entry(int Line, KnownHostMarker Marker, string Hosts, string Rest)
    {
        private SshPublicKey? _key;
        private bool _read;

        public SshPublicKey? ReadKey()
        {
            if (_read) return _key;
            var rest = Rest.AsSpan();
            var type = Word(ref rest);
            var key = SshPublicKey.Parse(type, Word(ref rest).TrimEnd('\r'));
            // A certificate in the file of known keys is none: its key would be believed without its authority.
            _key = key is { Certificate: null } ? key : null;
            _read = true;
            return _key;
        }
    }
}
