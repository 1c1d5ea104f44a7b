using ProdOps.Servers.Ssh.Config;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Ssh.Config;

/// <summary>Holds docs/about/about_ProdOps_Ssh.md to what the reader of ssh_config does.</summary>
public sealed class SshDocumentationTests
{
    [Fact]
    public void The_help_lists_the_keywords_that_are_followed() => Assert.Equal(SshConfigKeywords.Followed.Order(), Keywords("Keywords that are followed"));

    [Fact]
    public void The_help_lists_the_keywords_that_are_not_followed() => Assert.Equal(SshConfigKeywords.NotFollowed.Order(), Keywords("Keywords that are checked and not followed"));

    [Theory]
    [InlineData("HostName 10.0.0.1")]
    [InlineData("User eve")]
    [InlineData("Port 2222")]
    [InlineData("ProxyJump hop")]
    [InlineData("HostKeyAlias other")]
    [InlineData("PreferredAuthentications password")]
    [InlineData("IdentityAgent none")]
    [InlineData("IdentityFile ~/one")]
    [InlineData("CertificateFile ~/one-cert.pub")]
    [InlineData("IdentitiesOnly yes")]
    [InlineData("RevokedHostKeys ~/revoked")]
    [InlineData("RequiredRSASize 3072")]
    [InlineData("ServerAliveCountMax 9")]
    [InlineData("ServerAliveInterval 9")]
    [InlineData("ConnectTimeout 9")]
    [InlineData("UserKnownHostsFile ~/kh")]
    [InlineData("GlobalKnownHostsFile /kh")]
    [InlineData("HashKnownHosts yes")]
    [InlineData("StrictHostKeyChecking accept-new")]
    [InlineData("PasswordAuthentication no")]
    [InlineData("KbdInteractiveAuthentication no")]
    [InlineData("PubkeyAuthentication no")]
    [InlineData("Ciphers aes256-ctr")]
    [InlineData("MACs hmac-sha2-512")]
    [InlineData("KexAlgorithms curve25519-sha256")]
    [InlineData("HostKeyAlgorithms ssh-ed25519")]
    [InlineData("PubkeyAcceptedAlgorithms ssh-ed25519")]
    [InlineData("CASignatureAlgorithms ssh-ed25519")]
    [InlineData("Tag a\nMatch tagged a\nUser eve")]
    [InlineData("IgnoreUnknown Nonsense\nNonsense 1\nUser eve")]
    [InlineData("Host web*\nUser eve")]
    public void A_keyword_that_is_followed_changes_the_settings(string config) => Assert.NotEqual(Shown(""), Shown(config));

    [Theory]
    [InlineData("BindAddress 10.0.0.1", "BindAddress")]
    [InlineData("BindInterface eth1", "BindInterface")]
    [InlineData("AddressFamily inet6", "AddressFamily")]
    [InlineData("CanonicalizeHostname yes", "CanonicalizeHostname")]
    [InlineData("KnownHostsCommand /bin/keys", "KnownHostsCommand")]
    public void What_would_change_where_a_connection_goes_is_warned_of(string config, string keyword) =>
        Assert.Contains($":1: {keyword} is not ", Assert.Single(MemoryFiles.Resolve(config).Warnings));

    [Fact]
    public void Any_address_family_is_nothing_to_warn_of() => Assert.Empty(MemoryFiles.Resolve("AddressFamily any").Warnings);

    /// <summary>All that connecting depends on: lists by their items, and not where a setting stands.</summary>
    private static string Shown(string config)
    {
        var settings = MemoryFiles.Resolve(config);
        return string.Join('\n', typeof(SshHostSettings).GetProperties()
            .Where(property => property.GetMethod!.IsStatic is false && property.Name is not ("Notes" or "Warnings" or "Origins" or "EqualityContract"))
            .Select(property => $"{property.Name} {Text(property.GetValue(settings))}"));
    }

    private static string? Text(object? value) => value is System.Collections.IEnumerable list and not string ? string.Join(' ', list.Cast<object>()) : value?.ToString();

    /// <summary>The first column of the table below a heading.</summary>
    private static IEnumerable<string> Keywords(string heading) => File.ReadLines(Clone.PathOf("docs", "about", "about_ProdOps_Ssh.md"))
        .SkipWhile(line => line != "## " + heading).Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2)
        .SelectMany(line => line.Split('|')[1].Split(',', StringSplitOptions.TrimEntries)).Select(SshPattern.AsciiLower).Order();
}
