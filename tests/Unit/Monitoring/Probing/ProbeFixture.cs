using ProdOps.Monitoring.Probing;
using ProdOps.Monitoring.Probing.Report;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Monitoring.Tests.Probing;

/// <summary>What real systems have answered; the nonce in them is always the same.</summary>
internal static class ProbeFixture
{
    public const string Nonce = "0123456789abcdef";

    public static string Text(string name) => File.ReadAllText(Path.Combine(Clone.PathOf("tests", "fixtures", "probes"), $"{name}.txt"));

    public static ProbeReport Read(string name, params string[] units) => Parse(Text(name), units);

    public static ProbeReport Parse(string text, params string[] units) =>
        ProbeParser.Parse("web1", new ProbeRequest { Nonce = Nonce, Units = units }, text);

    /// <summary>An answer with these sections and nothing else.</summary>
    public static ProbeReport Of(string sections, params string[] units) => Parse($"\n@begin {Nonce}\n{sections.ReplaceLineEndings("\n")}\n@end {Nonce}\n", units);
}
