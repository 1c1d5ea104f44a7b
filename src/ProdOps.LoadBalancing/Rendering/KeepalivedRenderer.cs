using System.Net;
using System.Globalization;
using ProdOps.Servers.Inventory;
using static ProdOps.LoadBalancing.Rendering.ConfigurationText;

namespace ProdOps.LoadBalancing.Rendering;

/// <summary>
/// keepalived's configuration for the addresses that move between balancers (VRRP, RFC 5798). Advertisements go to each peer's own address: multicast does not get through
/// many virtual networks, and clouds block it. All begin as backups, so that a balancer that starts does not take the address before it serves.
/// </summary>
internal static class KeepalivedRenderer
{
    public const string ConfigurationPath = "/etc/keepalived/keepalived.conf", ScriptPath = "/etc/keepalived/prodops-check";

    // A balancer that does not serve loses more than the pair's distance; when none serves, the order is what it was.
    private const int Highest = 150, Step = 10, Penalty = 100;

    // Seconds of the second between two starts of the script: a run that is not over is not started again.
    private const string Watch = "0.8";

    /// <summary>The files; none for a balancer without a virtual address.</summary>
    /// <param name="site">The balancer.</param>
    /// <param name="links">How each balancer of the entries is connected to the network of an address, by balancer and address.</param>
    public static IReadOnlyList<RenderedFile> Render(BalancerSite site, IReadOnlyDictionary<(string Server, string Address), NetworkLink> links)
    {
        var addresses = site.Entries.Where(entry => entry.VirtualAddress is not null).GroupBy(entry => entry.VirtualAddress!, StringComparer.OrdinalIgnoreCase).ToArray();
        if (addresses.Length == 0) return [];
        var text = new ConfigurationText();
        text.Line($"# {RenderedFile.Marker}").Line($"# Revision {RenderedFile.RevisionPlaceholder} of {Word(string.Join(",", addresses.SelectMany(group => group).Select(entry => entry.Name)))}.").Blank();
        // Times below a second need version 3 of the protocol.
        text.Line("global_defs {").Line($"router_id {Word(site.Server)}", 1).Line("vrrp_version 3", 1).Line("enable_script_security", 1).Line("script_user root", 1).Line("}").Blank();
        text.Line("vrrp_script prodops {").Line($"script \"{ScriptPath}\"", 1).Line("interval 1", 1).Line("timeout 3", 1).Line("fall 1", 1).Line("rise 2", 1).Line($"weight -{Number(Penalty)}", 1).Line("}");
        foreach (var group in addresses)
        {
            text.Blank();
            Instance(text, site, group.First(), links);
        }

        return [new RenderedFile(ConfigurationPath, text.ToString()), new RenderedFile(ScriptPath, Script(site), IsExecutable: true)];
    }

    private static void Instance(ConfigurationText text, BalancerSite site, LoadBalancerDefinition entry, IReadOnlyDictionary<(string Server, string Address), NetworkLink> links)
    {
        string address = entry.VirtualAddress!, prefer = $"prodops_prefer_{Number(VirtualRouters.NumberOf(entry))}";
        // The number in it raises the priority: so an address is moved by hand, and stays where it was moved.
        text.Line($"vrrp_track_file {prefer} {{").Line($"file \"/etc/keepalived/{prefer}\"", 1).Line("weight 1", 1).Line("init_file 0", 1).Line("}").Blank();
        var own = links[(site.Server, address)];
        int place = entry.Servers.ToList().FindIndex(server => server.Equals(site.Server, StringComparison.OrdinalIgnoreCase));
        text.Line($"vrrp_instance prodops_{Number(VirtualRouters.NumberOf(entry))} {{").Line("state BACKUP", 1).Line($"interface {Word(entry.VirtualInterface ?? own.Interface)}", 1);
        text.Line($"virtual_router_id {Number(VirtualRouters.NumberOf(entry))}", 1).Line($"priority {Number(Math.Max(Highest - (place * Step), Penalty + 1))}", 1).Line("advert_int 0.2", 1);
        text.Line($"unicast_src_ip {Word(own.Address)}", 1).Line("unicast_peer {", 1);
        foreach (string peer in entry.Servers.Where(server => !server.Equals(site.Server, StringComparison.OrdinalIgnoreCase))) text.Line(Word(links[(peer, address)].Address), 2);
        text.Line("}", 1).Line("virtual_ipaddress {", 1).Line($"{Word(address)}/{Number(own.PrefixLength)}", 2).Line("}", 1).Line("track_script {", 1).Line("prodops", 2).Line("}", 1);
        text.Line("track_file {", 1).Line(prefer, 2).Line("}", 1).Line("}");
    }

    /// <summary>The address of the peer that a rendered configuration has; <see langword="null"/> if there is none, or more than one.</summary>
    public static string? OnlyPeerOf(string text)
    {
        string[] lines = [.. text.Split('\n').Select(line => line.Trim())];
        string[] peers = [.. lines.SelectMany((line, i) => line == "unicast_peer {" ? lines.Skip(i + 1).TakeWhile(next => next != "}") : []).Distinct(StringComparer.Ordinal)];
        return peers is [var only] && IPAddress.TryParse(only, out _) ? only : null;
    }

    /// <summary>
    /// Asks whether the balancer serves: HAProxy on its admin socket, which also notices one that runs and does not answer; nginx by its ports. keepalived starts it each second, and no more often
    /// (keepalived.conf(5), interval), so it stays for most of that on connections that it holds: their end says at once what the next start would find a second later.
    /// </summary>
    private static string Script(BalancerSite site)
    {
        var text = new ConfigurationText();
        text.Line("#!/usr/bin/perl").Line($"# {RenderedFile.Marker}").Line("use strict; use IO::Socket::UNIX; use IO::Socket::INET;").Line("$SIG{PIPE} = 'IGNORE'; $SIG{ALRM} = sub { exit 1 }; alarm 3;");
        text.Line("sub serves {");
        if (site.Kind == LoadBalancerKind.HAProxy)
        {
            text.Line($"my $held = IO::Socket::UNIX->new(Peer => '{Word(site.Socket)}') or return;", 1).Line($"my $link = IO::Socket::UNIX->new(Peer => '{Word(site.Socket)}') or return;", 1);
            text.Line("print $link \"show info\\n\"; $link->flush;", 1).Line("while (my $line = <$link>) { return $held if $line =~ /^Uptime_sec:/ }", 1).Line("return;", 1);
        }
        else
        {
            string ports = string.Join(", ", site.Entries.Select(entry => Number(entry.Port)));
            text.Line("my @held;", 1).Line($"for my $port ({ports}) {{ push @held, IO::Socket::INET->new(PeerAddr => \"127.0.0.1:$port\", Timeout => 1) || return }}", 1).Line("return @held;", 1);
        }

        // A process that is replaced refuses for some milliseconds, and one that is restarted for longer: a fifth of a second is not yet a failure.
        text.Line("}").Line($"my $left = {Watch};").Line("while (1) {").Line("my @held;", 1).Line("for my $try (1 .. 5) { @held = serves() and last; select undef, undef, undef, 0.05 if $try < 5 }", 1).Line("exit 1 unless @held;", 1).Line("exit 0 if $left <= 0;", 1);
        text.Line("my $ends = ''; vec($ends, fileno $_, 1) = 1 for @held;", 1).Line("(my $ended, $left) = select $ends, undef, undef, $left;", 1).Line("exit 0 unless $ended;", 1).Line("$left -= 0.05;", 1).Line("}");
        return text.ToString();
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>How a server is connected to a network.</summary>
/// <param name="Interface">The network interface.</param>
/// <param name="Address">The server's own address there.</param>
/// <param name="PrefixLength">How many bits of an address are the network's.</param>
internal sealed record NetworkLink(string Interface, string Address, int PrefixLength)
{
    /// <summary>True for an address of the same network, other than the server's own.</summary>
    public bool Reaches(string address)
    {
        if (!IPAddress.TryParse(address, out var wanted) || !IPAddress.TryParse(Address, out var own) || own.Equals(wanted) || own.AddressFamily != wanted.AddressFamily) return false;
        byte[] bytes = own.GetAddressBytes();
        if (PrefixLength >= bytes.Length * 8) return false;
        for (int bit = PrefixLength; bit < bytes.Length * 8; bit++) bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(bytes), PrefixLength).Contains(wanted);
    }
}
