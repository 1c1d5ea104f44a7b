using System.Management.Automation;
using System.Security.Cryptography;

namespace ProdOps.Cmdlets.Tests.Backup;

[Collection("Backup")]
public sealed class BackupRemovalTests : IDisposable
{
    private readonly BackupFixture _fixture;
    private readonly Engine _engine;
    private readonly string _repository;

    public BackupRemovalTests(BackupFixture fixture)
    {
        _fixture = fixture;
        _engine = fixture.Open();
        _repository = fixture.Copy();
        _engine.Run($"$r.Repository = '{_repository}'");
    }

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void WhatIf_tells_each_decision_with_its_reasons_and_the_plan_and_changes_nothing()
    {
        var before = Fingerprint();
        var output = _engine.Run("Remove-Backup -Keep @{ Last = 1 } -GroupBy Server -Prune -WhatIf @r");
        Assert.Equal(4, output.Count);
        dynamic[] decisions = [.. output.Take(3)];
        Assert.Equal(["Keep", "Keep", "Remove"], decisions.Select(decision => (string)decision.Action.ToString()).Order(StringComparer.Ordinal));
        dynamic removed = decisions.Single(decision => decision.Action.ToString() == "Remove");
        Assert.Equal(("web1", "web1", false), ((string)removed.Snapshot.Server, (string)removed.Group.Server, (bool)removed.Removed));
        Assert.Empty((IEnumerable<string>)removed.Reasons);
        Assert.All(decisions.Where(decision => decision.Action.ToString() == "Keep"), decision => Assert.Equal("last snapshot", decision.Reasons[0]));
        dynamic plan = output[3];
        Assert.False(plan.Applied);
        Assert.Equal((2, true, true), ((int)plan.SnapshotCount, (long)plan.UnusedBlobs > 0, (long)plan.FreedSize > 0));

        _engine.Run("Remove-Backup latest -WhatIf @r; Optimize-BackupRepository -MaxUnused 0 -WhatIf @r");
        Assert.Equal(before, Fingerprint());
    }

    [Fact]
    public void Rules_remove_the_rest_and_prune_gives_the_room_back()
    {
        dynamic planned = _engine.Run("Remove-Backup -Keep @{ Last = 1 } -GroupBy Server -Prune -MaxUnused 0 -WhatIf @r")[3];
        var output = _engine.Run("Remove-Backup -Keep @{ Last = 1 } -GroupBy Server -Prune -MaxUnused 0 -Confirm:$false @r");
        Assert.Single(output.Take(3), decision => ((dynamic)decision).Removed);
        dynamic plan = output[3];
        Assert.True(plan.Applied);
        Assert.Equal(planned.FreedSize, plan.FreedSize);
        Assert.Equal(2, _engine.Run("Get-Backup @r").Count);
        Assert.True((bool)_engine.Run("(Test-Backup -ReadData @r).Success").Single().BaseObject);
        Assert.Equal(0L, _engine.Run("(Optimize-BackupRepository -MaxUnused 0 @r).FreedSize").Single().BaseObject);
        // Nothing is left to remove, so nothing is asked and nothing is pruned.
        Assert.Equal(2, _engine.Run("Remove-Backup -Keep @{ Last = 1 } -GroupBy Server -Prune -Confirm:$false @r").Count);
    }

    [Theory]
    [InlineData("-MaxUnused 0", "MaxUnused")]
    [InlineData("-MaxRepackSize 1G", "MaxRepackSize")]
    [InlineData("-RepackSmall", "RepackSmall")]
    [InlineData("-RepackCacheableOnly", "RepackCacheableOnly")]
    [InlineData("-RepackUncompressed", "RepackUncompressed")]
    public void How_to_prune_is_an_error_where_nothing_is_pruned(string option, string name)
    {
        foreach (string what in (string[])["latest", "-Keep @{ Last = 1 }"])
        {
            var error = _engine.Fail($"Remove-Backup {what} {option} -Confirm:$false @r");
            Assert.Equal(("PruneOptionWithoutPrune,ProdOps.Cmdlets.Backup.RemoveBackup", name), (error.FullyQualifiedErrorId, error.TargetObject));
        }
        Assert.Equal(3, _engine.Run("Get-Backup @r").Count);
    }

    [Fact]
    public void Named_and_piped_backups_go_and_one_that_is_not_there_is_one_error()
    {
        using (var shell = _engine.Shell("Remove-Backup ffffffff, latest -Confirm:$false @r"))
        {
            dynamic removed = shell.Invoke().Single();
            Assert.Equal(("db1", true), ((string)removed.Snapshot.Server, (bool)removed.Removed));
            Assert.Equal("SnapshotNotFound,ProdOps.Cmdlets.Backup.RemoveBackup", shell.Streams.Error.Single().FullyQualifiedErrorId);
        }

        Assert.Equal(2, _engine.Run("Get-Backup -Server web1 @r | Remove-Backup -PasswordFile $r.PasswordFile -Prune -Confirm:$false").Count(output => output.BaseObject.GetType().Name == "RetentionDecision"));
        Assert.Empty(_engine.Run("Get-Backup @r"));
        Assert.Empty(Directory.GetFiles(Path.Combine(_repository, "data"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_decision_can_be_piped_and_is_carried_out()
    {
        var removed = _engine.Run("Remove-Backup -Keep @{ Daily = 1 } -GroupBy None -WhatIf @r | Where-Object Action -EQ Remove | Remove-Backup -PasswordFile $r.PasswordFile -Confirm:$false");
        Assert.Equal(2, removed.Count);
        Assert.Equal("db1", _engine.Run("(Get-Backup @r).Server").Single().BaseObject);
    }

    [Fact]
    public void A_damaged_backup_can_be_removed_by_its_id()
    {
        string file = Directory.GetFiles(Path.Combine(_repository, "snapshots"))[0];
        byte[] bytes = File.ReadAllBytes(file);
        bytes[30] ^= 1;
        File.WriteAllBytes(file, bytes);
        var error = _engine.Fail("Optimize-BackupRepository @r");
        Assert.Equal("SnapshotDamaged,ProdOps.Cmdlets.Backup.OptimizeBackupRepository", error.FullyQualifiedErrorId);
        dynamic removed = _engine.Run($"Remove-Backup {Path.GetFileName(file)[..10]} -Confirm:$false @r").Single();
        Assert.True(removed.Removed);
        Assert.False(File.Exists(file));
        Assert.True((bool)_engine.Run("(Optimize-BackupRepository @r).Applied").Single().BaseObject);
    }

    [Theory]
    [InlineData("Remove-Backup -Keep @{ } @r", "RetentionPolicyEmpty", ErrorCategory.InvalidArgument)]
    [InlineData("Remove-Backup -Keep @{ Nightly = 3 } @r", "RetentionRuleUnknown", ErrorCategory.InvalidArgument)]
    [InlineData("Remove-Backup -Keep @{ Within = 'soon' } @r", "RetentionRuleInvalid", ErrorCategory.InvalidArgument)]
    [InlineData("Remove-Backup -Keep @{ Last = 1 } -GroupBy Colour @r", "RetentionGroupingUnknown", ErrorCategory.InvalidArgument)]
    [InlineData("Remove-Backup -Keep @{ Tags = 'none' } -SkipGuard Newest @r", "RetentionRemovesAll", ErrorCategory.InvalidOperation)]
    public void What_cannot_be_meant_removes_nothing(string script, string errorId, ErrorCategory category)
    {
        var before = Fingerprint();
        var error = _engine.Fail(script + " -Confirm:$false");
        Assert.Equal($"{errorId},ProdOps.Cmdlets.Backup.RemoveBackup", error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.NotNull(error.ErrorDetails.RecommendedAction);
        Assert.Equal(before, Fingerprint());
    }

    [Theory]
    [InlineData("-MaxUnused 100%", "UnusedLimitInvalid")]
    [InlineData("-MaxRepackSize much", "ByteSizeInvalid")]
    public void A_limit_that_is_none_is_refused(string parameter, string errorId) =>
        Assert.Equal($"{errorId},ProdOps.Cmdlets.Backup.OptimizeBackupRepository", _engine.Fail($"Optimize-BackupRepository {parameter} @r").FullyQualifiedErrorId);

    [Fact]
    public void Groups_limits_rules_and_ids_are_completed()
    {
        Assert.Equal(["Server", "Paths", "Tags", "None"], Texts("Remove-Backup -Keep @{ Last = 1 } -GroupBy "));
        Assert.Equal(["5%"], Texts("Optimize-BackupRepository -MaxUnused 5"));
        Assert.Contains("Empty", Texts("Remove-Backup -Keep @{ Last = 1 } -SkipGuard "));
        // What takes longer than anybody would wait for is ready the next time.
        string[] ids = [];
        for (int attempt = 0; attempt < 5 && ids.Length == 0; attempt++) ids = Texts($"Remove-Backup -Repository '{_repository}' -PasswordFile '{_fixture.PasswordFile}' -Id ");
        Assert.Contains("latest", ids);
    }

    private string[] Texts(string line)
    {
        using var shell = _engine.Shell("");
        shell.Commands.Clear();
        return [.. CommandCompletion.CompleteInput(line, line.Length, null, shell).CompletionMatches.Select(proposal => proposal.CompletionText)];
    }

    private SortedDictionary<string, string> Fingerprint()
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(_repository, "*", SearchOption.AllDirectories))
            files.Add(file, Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));
        return files;
    }
}
