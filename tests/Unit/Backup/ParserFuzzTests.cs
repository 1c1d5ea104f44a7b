using System.Text;
using ProdOps.Backup.Browsing;
using ProdOps.Backup.Checking;
using ProdOps.Backup.Crypto;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Restoring;
using ProdOps.Backup.Selection;
using ProdOps.Backup.Trees;
using ProdOps.Servers.FileSystem;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Backup.Tests;

/// <summary>Parsers of what people write and repositories hold that have no test of their own for it: damaged text is read or refused, with an error of the catalogue or none.</summary>
public sealed class ParserFuzzTests
{
    private const int Rounds = ParserFuzz.Rounds;

    private static readonly Dictionary<string, (Action<string> Read, string[] Seeds)> Parsers = new()
    {
        ["folder's tag"] = (text => Assert.NotEmpty(FolderTag.Parse(text).Name), ["CACHEDIR.TAG:Signature: 8a47", ".nobackup"]),
        ["subset of packs"] = (text => Assert.Empty(PackSubset.Parse(text).Select([], new Random(1), null)), ["1/7", "5%", "10G", "rolling 2.5%", "rolling:100%", "9007199254740992T"]),
        ["file of patterns"] = (text => PatternFile.Parse(text, name => name == "HOME" ? "/root" : null), ["# why\n  *.log \n${HOME}/x$$y$1$\n!$HOME\n"]),
        ["part of a path"] = (text => new PathSegments.Matcher(text, literal: false).Matches("a-b]c^"u8), ["[a-c]*\\*[^x]?", "*[]", "a**b"]),
        ["path in a snapshot"] = (text => { if (SubPaths.Normalize(text) is { Length: > 0 } path) Assert.True(path[0] == '/' && !FileNames.Decode(path).Split('/').Contains("..")); }, ["/srv//www/./shop/", "a/..b/c", "C:\\data\\x"]),
        ["time of a snapshot"] = (text => { if (Rfc3339Time.TryParse(text, out var time)) Assert.True(Rfc3339Time.TryParse(time.ToString(), out _)); }, ["2026-11-26T02:13:14.123456789+01:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9-14:00", "2024-02-29T23:59:60Z"]),
        ["id"] = (text => { if (ObjectId.TryParse(text, out var id)) Assert.Equal(text, id.ToString(), ignoreCase: true); }, [new string('a', 64), "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"]),
        ["master key"] = (text => MasterKey.FromJson(Encoding.UTF8.GetBytes(text)), [Encoding.UTF8.GetString(MasterKey.Generate().ToJson())]),
        ["master key of other types"] = (text => MasterKey.FromJson(Encoding.UTF8.GetBytes(text)), ["{\"mac\":[1],\"encrypt\":{}}", "[]", "1", "{\"mac\":{\"k\":1,\"r\":null},\"encrypt\":\"\"}"]),
    };

    public static TheoryData<string> Names => [.. Parsers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_text_is_read_or_refused(string parser) => ParserFuzz.Run(parser, Parsers[parser].Read, Parsers[parser].Seeds);

    [Fact]
    public void Damaged_times_of_a_tree_are_moments_or_nothing()
    {
        byte[][] seeds = ["2026-11-26T02:13:14.123456789+01:00"u8.ToArray(), "9999-12-31T23:59:59.9-23:59"u8.ToArray(), "-292277022399-01-01T00:00:00Z"u8.ToArray()];
        var random = new Random(20261206);
        for (int i = 0; i < Rounds; i++)
        {
            if (!Rfc3339.TryParse(Mutation.Of(seeds[i % seeds.Length], random), out var time, out int offset)) continue;
            Assert.InRange(time.Nanoseconds, 0, 999_999_999);
            Assert.InRange(Math.Abs(offset), 0, 24 * 3600);
        }
    }

    [Fact]
    public void Damaged_escapes_are_undone_within_their_own_length_or_refused()
    {
        byte[] seed = Encoding.UTF8.GetBytes("a\\n\\x41\\101\\u00e4\\U0001d11e\\ud834\\udd1e\\\"\\/ü");
        var random = new Random(20261207);
        for (int i = 0; i < Rounds; i++)
        {
            byte[] text = Mutation.Of(seed, random);
            Assert.InRange(GoText.UnescapeJson(text, new byte[text.Length]), -1, text.Length);
            Assert.InRange(GoText.Unquote([.. text]), -1, text.Length);
        }
    }
}
