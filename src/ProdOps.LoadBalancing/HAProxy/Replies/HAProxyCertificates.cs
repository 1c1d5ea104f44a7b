using System.Globalization;

namespace ProdOps.LoadBalancing.HAProxy.Replies;

/// <summary>What <c>show ssl cert</c> says (Management Guide, section 9.3): the certificates that the process has in memory, which a commit at runtime may have made others than those on disk.</summary>
internal static class HAProxyCertificates
{
    private const int MostNames = 1000, MostFiles = 10_000;
    private static readonly string[] Dates = ["MMM d HH:mm:ss yyyy 'GMT'", "MMM dd HH:mm:ss yyyy 'GMT'"];

    /// <summary>The files of the list, without those of a transaction that has not ended, which begin with a star.</summary>
    public static IReadOnlyList<string> FilesOf(string list)
    {
        var files = new List<string>();
        bool isList = false;
        foreach (var raw in list.AsSpan().EnumerateLines())
        {
            var line = raw.Trim();
            if (line.StartsWith('#')) isList = line.StartsWith("# filename", StringComparison.Ordinal);
            // A name goes into the next command: what the socket would take for several words or commands is not asked for.
            else if (isList && files.Count < MostFiles && line.Length is > 0 and < 4096 && line.IndexOfAny(" ;\\*") < 0) files.Add(line.ToString());
        }

        return files;
    }

    /// <summary>The certificates that are told in detail, in the order told.</summary>
    public static IReadOnlyList<ServedCertificate> Parse(string text)
    {
        var certificates = new List<ServedCertificate>();
        ServedCertificate? one = null;
        string subject = "";
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            int colon = line.IndexOf(": ");
            if (colon <= 0) continue;
            string value = line[(colon + 2)..].Trim().ToString();
            switch (line[..colon])
            {
                case "Filename":
                    End();
                    (one, subject) = (certificates.Count < MostFiles ? new ServedCertificate { Path = value } : null, "");
                    break;
                case "Status": one = one is null ? null : one with { IsUsed = value == "Used" }; break;
                case "notBefore" when DateOf(value) is { } begins: one = one is null ? null : one with { NotBefore = begins }; break;
                case "notAfter" when DateOf(value) is { } ends: one = one is null ? null : one with { NotAfter = ends }; break;
                case "Subject Alternative Name": one = one is null ? null : one with { Names = NamesOf(value) }; break;
                case "SHA1 FingerPrint": one = one is null ? null : one with { Fingerprint = value.ToLowerInvariant() }; break;
                case "Issuer" when one is { Issuer.Length: 0 }: one = one with { Issuer = value }; break;
                case "Subject" when subject.Length == 0: subject = value; break;
            }
        }

        End();
        return certificates;

        void End()
        {
            // One without alternative names is for the common name of its subject: /O=Example/CN=shop.example.org.
            if (one is { Names.Count: 0 } && subject.LastIndexOf("/CN=", StringComparison.Ordinal) is var at and >= 0) one = one with { Names = [subject[(at + 4)..].Split('/')[0]] };
            if (one is not null) certificates.Add(one);
        }
    }

    private static List<string> NamesOf(string value) =>
        [.. value.Split(',', StringSplitOptions.TrimEntries).Where(name => name.StartsWith("DNS:", StringComparison.Ordinal) && name.Length > 4).Select(name => name[4..]).Take(MostNames)];

    // OpenSSL pads the day with a blank.
    private static DateTimeOffset? DateOf(string value) => DateTimeOffset.TryParseExact(value, Dates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite, out var date) ? date : null;
}
